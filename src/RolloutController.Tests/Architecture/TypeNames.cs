using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace RolloutController.Tests.Architecture;

/// <summary>The full names of the types in a signature, the leading one first: a <c>List&lt;Pod[]&gt;</c> gives List and Pod.</summary>
internal sealed class TypeNames : ISignatureTypeProvider<IEnumerable<string>, object?>
{
    /// <summary>The one there has to be: it holds nothing.</summary>
    public static TypeNames Reader { get; } = new();

    /// <summary>The full name of a type of the assembly; the names of nested types follow those around them.</summary>
    public static string Of(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{Of(metadata, outer)}.{metadata.GetString(type.Name)}"
            : Join(metadata.GetString(type.Namespace), metadata.GetString(type.Name));
    }

    /// <summary>The full name of the type that a type lies in, and it itself where it lies in none.</summary>
    public static string Outermost(MetadataReader metadata, TypeDefinitionHandle handle) =>
        metadata.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } outer ? Outermost(metadata, outer) : Of(metadata, handle);

    public IEnumerable<string> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [Of(reader, handle)];

    public IEnumerable<string> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [Of(reader, handle)];

    public IEnumerable<string> GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public IEnumerable<string> GetGenericInstantiation(IEnumerable<string> genericType, ImmutableArray<IEnumerable<string>> typeArguments) =>
        [.. genericType, .. typeArguments.SelectMany(names => names)];

    public IEnumerable<string> GetFunctionPointerType(MethodSignature<IEnumerable<string>> signature) =>
        [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(names => names)];

    public IEnumerable<string> GetModifiedType(IEnumerable<string> modifier, IEnumerable<string> unmodifiedType, bool isRequired) => [.. unmodifiedType, .. modifier];

    public IEnumerable<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => [$"System.{typeCode}"];

    public IEnumerable<string> GetGenericMethodParameter(object? genericContext, int index) => [];

    public IEnumerable<string> GetGenericTypeParameter(object? genericContext, int index) => [];

    public IEnumerable<string> GetArrayType(IEnumerable<string> elementType, ArrayShape shape) => elementType;

    public IEnumerable<string> GetSZArrayType(IEnumerable<string> elementType) => elementType;

    public IEnumerable<string> GetByReferenceType(IEnumerable<string> elementType) => elementType;

    public IEnumerable<string> GetPointerType(IEnumerable<string> elementType) => elementType;

    public IEnumerable<string> GetPinnedType(IEnumerable<string> elementType) => elementType;

    private static string Of(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope is { Kind: HandleKind.TypeReference } outer
            ? $"{Of(metadata, (TypeReferenceHandle)outer)}.{metadata.GetString(type.Name)}"
            : Join(metadata.GetString(type.Namespace), metadata.GetString(type.Name));
    }

    private static string Join(string @namespace, string name) => @namespace.Length == 0 ? name : $"{@namespace}.{name}";
}
