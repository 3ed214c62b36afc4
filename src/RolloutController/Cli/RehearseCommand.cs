using System.CommandLine;
using System.Globalization;
using RolloutController.Api;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Reports;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Cli;

/// <summary>The command <c>rehearse</c>: what would happen to the user's own Rollout, without a cluster.</summary>
internal static class RehearseCommand
{
    /// <summary>The exit codes, one for each outcome; 1 where <c>--expect</c>, <c>--max-failed</c> or a scenario's own expectation is not met.</summary>
    private static readonly Dictionary<Outcome, int> Codes = new() { [Outcome.Promoted] = 0, [Outcome.Invalid] = 2, [Outcome.RolledBack] = 3, [Outcome.Stuck] = 4 };

    private static readonly Option<string[]> Files = new("--file", "-f") { HelpName = "FILE", Required = true, Description = "Manifests: the Rollout, and the Services, routes and autoscalers beside it. A file, a folder, or - for standard input; may be given several times." };
    private static readonly Option<string> ScenarioName = new("--scenario") { HelpName = "NAME|FILE", DefaultValueFactory = _ => "good", Description = $"What happens: {string.Join(", ", NamedScenarios.All.Select(scenario => scenario.Name))}, {NamedScenarios.Everything}, or a YAML file." };
    private static readonly Option<int?> Replicas = new("--replicas") { HelpName = "N", Description = "Pods, in place of spec.replicas." };
    private static readonly Option<double> Rate = new("--rps") { HelpName = "N", DefaultValueFactory = _ => 100, Description = "Requests a second. Without: 100." };
    private static readonly Option<string> Scrape = new("--scrape-interval") { HelpName = "DURATION", DefaultValueFactory = _ => "15s", Description = "How often Prometheus scrapes. Without: 15s." };
    private static readonly Option<int> Seed = new("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "The same seed gives the same rehearsal. Without: 1." };
    private static readonly Option<string> Expect = new("--expect") { HelpName = "OUTCOME", Description = "Exit with 0 only where it ends so: promoted, rolled-back, stuck or invalid." };
    private static readonly Option<long?> MaxFailed = new("--max-failed") { HelpName = "N", Description = "Exit with 1 where more requests than this failed." };
    private static readonly Option<string> Report = new("--report") { HelpName = "FILE", Description = "Write an HTML report there, one file that opens without a network." };
    private static readonly Option<string> Output = new("--output", "-o") { HelpName = "text|json", DefaultValueFactory = _ => "text", Description = "How the timeline is printed. Without: text." };
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "Print every look at the metrics, too." };

    static RehearseCommand()
    {
        Output.AcceptOnly("text", "json");
        Expect.AcceptOnly([.. Enum.GetValues<Outcome>().Select(TextReport.Name)]);
        Rate.Validators.Add(result => Refuse(result, Rate, value => value is > 0 and <= 1_000_000, "write a number above 0, at most 1000000"));
        Replicas.Validators.Add(result => Refuse(result, Replicas, value => value is null or (>= 1 and <= 500), "write a number from 1 to 500"));
        Scrape.Validators.Add(result => Refuse(result, Scrape, value => Duration(value!) is { } time && time >= TimeSpan.FromSeconds(1), "write a duration of at least 1s, such as 15s"));
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("rehearse", "Rolls a new version of your own Rollout out on a cluster inside this process, in moments, and prints what happens.")
        {
            Files, ScenarioName, Replicas, Rate, Scrape, Seed, Expect, MaxFailed, Report, Output, Verbose,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        try
        {
            var settings = new RehearsalSettings
            {
                Replicas = parsed.GetValue(Replicas),
                RequestsPerSecond = parsed.GetValue(Rate),
                ScrapeInterval = GatewayDuration.Parse(parsed.GetValue(Scrape)!),
                Seed = parsed.GetValue(Seed),
            };
            var inputs = RehearsalInput.Find(ManifestReader.Read(parsed.GetValue(Files)!, Console.In), settings.Replicas);
            var scenarios = Scenarios(parsed.GetValue(ScenarioName)!);
            var results = (from input in inputs from scenario in scenarios select RehearsalRun.Rehearse(input, scenario, settings)).ToList();
            Print(results, parsed);
            if (parsed.GetValue(Report) is { } file)
                File.WriteAllText(file, HtmlReport.Of(results));
            return ExitCode(results, parsed);
        }
        catch (Exception exception) when (exception is ManifestException or IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(exception.Message);
            return Codes[Outcome.Invalid];
        }
    }

    private static IReadOnlyList<Scenario> Scenarios(string name)
    {
        if (name == NamedScenarios.Everything)
            return NamedScenarios.All;
        if (NamedScenarios.Find(name) is { } known)
            return [known];
        return File.Exists(name)
            ? [ScenarioFile.Read(name)]
            : throw new ManifestException("--scenario", "", $"there is no scenario and no file \"{name}\"; there are {string.Join(", ", NamedScenarios.All.Select(scenario => scenario.Name))} and {NamedScenarios.Everything}");
    }

    private static void Print(List<RehearsalResult> results, ParseResult parsed)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Output) == "json")
        {
            JsonReport.Write(results, output);
            return;
        }
        foreach (var (result, index) in results.Select((result, index) => (result, index)))
        {
            if (index > 0)
                output.WriteLine();
            TextReport.Write(result, output, parsed.GetValue(Verbose));
        }
        if (results.Count > 1)
            Summarize(results, output);
    }

    private static void Summarize(List<RehearsalResult> results, TextWriter output)
    {
        output.WriteLine();
        var names = TextReport.Names(results);
        var width = names.Max(name => name.Length);
        foreach (var (name, result) in names.Zip(results))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name.PadRight(width)}  {TextReport.Name(result.Outcome),-11}  {TextReport.Time(result.Duration),8}  {result.Requests.Failed,9:N0} failed{(result.IsAsExpected ? "" : $"  expected: {TextReport.Name(result.Expected ?? Outcome.Promoted)}")}"));
    }

    private static int ExitCode(List<RehearsalResult> results, ParseResult parsed)
    {
        if (parsed.GetValue(MaxFailed) is { } most && results.Any(result => result.Requests.Failed > most))
            return 1;
        if (parsed.GetValue(Expect) is { } expected)
            return results.All(result => TextReport.Name(result.Outcome) == expected) ? 0 : 1;
        return results.Count == 1 ? Codes[results[0].Outcome] : results.All(result => result.IsAsExpected) ? 0 : 1;
    }

    private static TimeSpan? Duration(string text)
    {
        try
        {
            return GatewayDuration.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Refuse<T>(System.CommandLine.Parsing.OptionResult result, Option<T> option, Predicate<T?> isValid, string hint)
    {
        if (!IsValid())
            result.AddError($"{option.Name}: {hint}.");

        bool IsValid()
        {
            try
            {
                return isValid(result.GetValueOrDefault<T>());
            }
            catch (InvalidOperationException)
            {
                // The library throws what it could not convert at whoever asks first.
                return false;
            }
        }
    }
}
