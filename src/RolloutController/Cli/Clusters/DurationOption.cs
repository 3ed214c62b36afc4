using System.CommandLine;
using RolloutController.Api;

namespace RolloutController.Cli.Clusters;

/// <summary>Options that take a duration, as manifests write them.</summary>
internal static class DurationOption
{
    /// <summary>Makes one, whose value <see cref="GatewayDuration.Parse"/> reads.</summary>
    public static Option<string> Create(string name, string description)
    {
        var option = new Option<string>(name) { HelpName = "DURATION", Description = description };
        option.Validators.Add(result =>
        {
            try
            {
                GatewayDuration.Parse(result.GetValueOrDefault<string>() ?? "0s");
            }
            catch (FormatException)
            {
                result.AddError($"{name} is \"{result.GetValueOrDefault<string>()}\": write a duration such as 90s, 10m or 1h30m.");
            }
        });
        return option;
    }
}
