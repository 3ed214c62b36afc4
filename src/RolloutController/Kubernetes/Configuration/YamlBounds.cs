using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RolloutController.Kubernetes;

/// <summary>
/// Looks at YAML before it is read into memory: reading follows every nesting with the stack, and a few lines of aliases to lists of aliases ("billion
/// laughs") stand for more nodes than fit anywhere.
/// </summary>
internal static class YamlBounds
{
    private const int DeepestNesting = 64;
    private const int MostNodes = 200_000;

    /// <summary>Says what is beyond the bounds, and in which line; null for nothing.</summary>
    /// <exception cref="YamlException">It is not YAML.</exception>
    public static (long Line, string Problem)? Problem(string text)
    {
        var parser = new Parser(new StringReader(text));
        var anchors = new Dictionary<AnchorName, long>();
        var open = new Stack<(AnchorName Anchor, long Before)>();
        var nodes = 0L;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case MappingStart or SequenceStart:
                    open.Push((((NodeEvent)parser.Current).Anchor, nodes++));
                    break;
                case MappingEnd or SequenceEnd:
                    var (anchor, before) = open.Pop();
                    Note(anchor, nodes - before);
                    break;
                case Scalar scalar:
                    nodes++;
                    Note(scalar.Anchor, 1);
                    break;
                case AnchorAlias alias when !anchors.ContainsKey(alias.Value):
                    return (alias.Start.Line, "an alias stands within what it stands for, or for nothing");
                case AnchorAlias alias:
                    nodes += anchors[alias.Value];
                    break;
            }

            if (open.Count > DeepestNesting)
                return (parser.Current!.Start.Line, $"lists and maps nest deeper than {DeepestNesting} levels");
            if (nodes > MostNodes)
                return (parser.Current!.Start.Line, $"it stands for more than {MostNodes} values, aliases counted");
        }

        return null;

        void Note(AnchorName anchor, long size)
        {
            if (!anchor.IsEmpty)
                anchors[anchor] = size;
        }
    }
}
