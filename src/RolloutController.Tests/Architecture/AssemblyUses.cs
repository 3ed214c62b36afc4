using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace RolloutController.Tests.Architecture;

/// <summary>
/// What the types of a compiled assembly use: base types, interfaces, generic constraints, signatures, and every type and member that
/// a method body names, those of lambdas and async methods included. Constants and <c>nameof</c> leave no trace in it; attributes are not read.
/// </summary>
internal sealed class AssemblyUses
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;

    private AssemblyUses(PEReader file) => (_file, _metadata) = (file, file.GetMetadataReader());

    /// <summary>Reads an assembly; each use stands there once.</summary>
    public static IReadOnlyList<Use> Of(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        return new AssemblyUses(file).Read();
    }

    private IReadOnlyList<Use> Read() =>
    [
        .. (from type in _metadata.TypeDefinitions
            from used in UsedBy(_metadata.GetTypeDefinition(type))
            select new Use(TypeNames.Outermost(_metadata, type), used)).Distinct(),
    ];

    private IEnumerable<string> UsedBy(TypeDefinition type) =>
    [
        .. Names(type.BaseType),
        .. type.GetInterfaceImplementations().SelectMany(handle => Names(_metadata.GetInterfaceImplementation(handle).Interface)),
        .. Constraints(type.GetGenericParameters()),
        .. type.GetFields().SelectMany(handle => _metadata.GetFieldDefinition(handle).DecodeSignature(TypeNames.Reader, null)),
        .. type.GetMethods().Select(_metadata.GetMethodDefinition).SelectMany(UsedBy),
    ];

    private IEnumerable<string> UsedBy(MethodDefinition method)
    {
        string[] declared = [.. Names(method.DecodeSignature(TypeNames.Reader, null)), .. Constraints(method.GetGenericParameters())];
        if (method.RelativeVirtualAddress == 0)
            return declared;
        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        return
        [
            .. declared,
            .. body.LocalSignature.IsNil ? [] : _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(TypeNames.Reader, null).SelectMany(names => names),
            .. body.ExceptionRegions.SelectMany(region => Names(region.CatchType)),
            .. Instructions.Tokens(body).SelectMany(Names),
        ];
    }

    private IEnumerable<string> Constraints(GenericParameterHandleCollection parameters) =>
        from parameter in parameters
        from constraint in _metadata.GetGenericParameter(parameter).GetConstraints()
        from name in Names(_metadata.GetGenericParameterConstraint(constraint).Type)
        select name;

    private IEnumerable<string> Names(EntityHandle handle) => handle.IsNil ? [] : handle.Kind switch
    {
        HandleKind.TypeDefinition => TypeNames.Reader.GetTypeFromDefinition(_metadata, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => TypeNames.Reader.GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeSpecification => TypeNames.Reader.GetTypeFromSpecification(_metadata, null, (TypeSpecificationHandle)handle, 0),
        HandleKind.FieldDefinition => Names(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle)),
        HandleKind.MethodDefinition => Names(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle)),
        HandleKind.MemberReference => Names(_metadata.GetMemberReference((MemberReferenceHandle)handle)),
        HandleKind.MethodSpecification => Names(_metadata.GetMethodSpecification((MethodSpecificationHandle)handle)),
        _ => throw new NotSupportedException($"A method body names a {handle.Kind}; teach {nameof(AssemblyUses)} to read it."),
    };

    private IEnumerable<string> Names(FieldDefinition field) =>
        [$"{TypeNames.Of(_metadata, field.GetDeclaringType())}.{_metadata.GetString(field.Name)}", .. field.DecodeSignature(TypeNames.Reader, null)];

    private IEnumerable<string> Names(MethodDefinition method) =>
        Names([TypeNames.Of(_metadata, method.GetDeclaringType())], method.Name, method.DecodeSignature(TypeNames.Reader, null));

    private IEnumerable<string> Names(MemberReference member) => member.GetKind() == MemberReferenceKind.Method
        ? Names([.. Names(member.Parent)], member.Name, member.DecodeMethodSignature(TypeNames.Reader, null))
        : [$"{Names(member.Parent).First()}.{_metadata.GetString(member.Name)}", .. Names(member.Parent), .. member.DecodeFieldSignature(TypeNames.Reader, null)];

    private IEnumerable<string> Names(MethodSpecification method) =>
        [.. Names(method.Method), .. method.DecodeSignature(TypeNames.Reader, null).SelectMany(names => names)];

    // The type of an array's own methods and of a generic parameter's has no name.
    private IEnumerable<string> Names(string[] declaring, StringHandle name, MethodSignature<IEnumerable<string>> signature)
    {
        var parameters = string.Join(',', signature.ParameterTypes.Select(names => names.FirstOrDefault("")));
        return [$"{declaring.FirstOrDefault("")}.{_metadata.GetString(name)}({parameters})", .. declaring, .. Names(signature)];
    }

    private static IEnumerable<string> Names(MethodSignature<IEnumerable<string>> signature) =>
        [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(names => names)];
}
