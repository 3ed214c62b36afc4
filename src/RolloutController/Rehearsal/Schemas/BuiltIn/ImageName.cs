using System.Text.RegularExpressions;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The names of images, as far as their tag goes.</summary>
internal static partial class ImageName
{
    /// <summary>Whether an image may change under its name: its tag is <c>latest</c>, or it has neither tag nor digest.</summary>
    public static bool IsLatest(string image)
    {
        var match = Pattern().Match(image);
        if (!match.Success)
            return false;
        return match.Groups["tag"].Success ? match.Groups["tag"].Value == "latest" : !match.Groups["digest"].Success;
    }

    [GeneratedRegex(@"^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?\z")]
    private static partial Regex Pattern();
}
