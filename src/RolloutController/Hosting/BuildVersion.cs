using System.Reflection;

namespace RolloutController.Hosting;

/// <summary>What was built: the version, and the commit where the build knew it.</summary>
internal static class BuildVersion
{
    // The SDK writes "version+commit".
    private static readonly string[] Parts =
        (typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+', 2);

    public static string Version => Parts[0];

    public static string Revision => Parts is [_, var revision] ? revision : "";
}
