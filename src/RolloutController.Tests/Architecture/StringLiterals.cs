using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace RolloutController.Tests.Architecture;

/// <summary>A text that the code of a type holds; of one with holes each part on its own.</summary>
/// <param name="Type">The full name of the outermost type.</param>
/// <param name="Text">The text.</param>
internal sealed record StringLiteral(string Type, string Text);

/// <summary>The texts in the method bodies of a compiled assembly, but for those that the compiler gives records to print themselves with.</summary>
internal static class StringLiterals
{
    /// <summary>Reads an assembly; each text stands there once for each type.</summary>
    public static IReadOnlyList<StringLiteral> Of(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return
        [
            .. (from handle in metadata.TypeDefinitions
                from method in metadata.GetTypeDefinition(handle).GetMethods().Select(metadata.GetMethodDefinition)
                where method.RelativeVirtualAddress != 0 && !IsPrinting(metadata, method)
                from text in Instructions.Strings(file.GetMethodBody(method.RelativeVirtualAddress))
                select new StringLiteral(TypeNames.Outermost(metadata, handle), metadata.GetUserString(text))).Distinct(),
        ];
    }

    private static bool IsPrinting(MetadataReader metadata, MethodDefinition method) => metadata.GetString(method.Name) is "PrintMembers" or "ToString"
        && method.GetCustomAttributes().Select(metadata.GetCustomAttribute).Any(attribute => attribute.Constructor.Kind == HandleKind.MemberReference
            && TypeNames.Reader.GetTypeFromReference(metadata, (TypeReferenceHandle)metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent, 0).Contains("System.Runtime.CompilerServices.CompilerGeneratedAttribute"));
}
