using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace RolloutController.Tests.Architecture;

/// <summary>Reads the instructions of a method body.</summary>
internal static class Instructions
{
    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value, code => code.OperandType);

    /// <summary>The types and members that a body names (ECMA-335, III.1.9 and VI.C.2).</summary>
    public static IEnumerable<EntityHandle> Tokens(MethodBodyBlock body) => Named(body)
        .Where(named => named.Operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
        .Select(named => MetadataTokens.EntityHandle(named.Token));

    /// <summary>The texts that a body loads (ECMA-335, III.4.16).</summary>
    public static IEnumerable<UserStringHandle> Strings(MethodBodyBlock body) => Named(body)
        .Where(named => named.Operand is OperandType.InlineString)
        .Select(named => (UserStringHandle)MetadataTokens.Handle(named.Token));

    private static List<(OperandType Operand, int Token)> Named(MethodBodyBlock body)
    {
        var code = body.GetILReader();
        var named = new List<(OperandType, int)>();
        while (code.RemainingBytes > 0)
        {
            switch (Operands[ReadCode(ref code)])
            {
                case var operand and (OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineString):
                    named.Add((operand, code.ReadInt32()));
                    break;
                case var operand:
                    code.Offset += Size(operand, code);
                    break;
            }
        }

        return named;
    }

    // The codes of two bytes begin with 0xFE.
    private static short ReadCode(ref BlobReader code) =>
        code.ReadByte() is var first && first == 0xFE ? (short)(0xFE00 | code.ReadByte()) : first;

    private static int Size(OperandType operand, BlobReader code) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * code.ReadInt32(),
        _ => 4,
    };
}
