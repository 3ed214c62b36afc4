using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Hooks;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>
/// A scenario that a user wrote as YAML: <c>name</c>, <c>description</c>, <c>expect</c>, <c>expectCheck</c>, <c>canary</c> and <c>stable</c> (<c>errorRate</c>, <c>errorsAfter</c>,
/// <c>fromWeight</c>, <c>latency</c>, <c>latencyP99</c>, <c>gauges</c>, <c>pods</c>, <c>startUp</c>, <c>answers</c>, <c>jobs</c>, <c>hooks</c>), <c>prometheusDown</c> (<c>after</c>, <c>for</c>) and <c>supersededAfter</c>.
/// </summary>
internal static class ScenarioFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ManifestException">It is no scenario; the message names the field and what to write.</exception>
    public static Scenario Read(string file)
    {
        try
        {
            var documents = YamlReader.Read(ManifestReader.TextOf(file));
            if (documents is not [JsonObject only])
                throw new ManifestException(file, "", "a scenario is one YAML document with fields");
            return Of(new Fields(file, "", only), Path.GetFileNameWithoutExtension(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ManifestException(file, "", exception.Message);
        }
    }

    private static Scenario Of(Fields fields, string name)
    {
        var outage = fields.Child("prometheusDown");
        var scenario = new Scenario
        {
            Name = fields.Text("name") ?? name,
            Description = fields.Text("description") ?? "a scenario of its own",
            Expected = fields.Choice<Outcome>("expect"),
            ExpectedCheck = fields.Text("expectCheck"),
            Canary = Conduct(fields.Child("canary")),
            Stable = Conduct(fields.Child("stable")),
            PrometheusOutage = outage is null ? null : new Outage(outage.Duration("after") ?? TimeSpan.Zero, outage.Duration("for") ?? TimeSpan.FromDays(30)),
            SupersededAfter = fields.Duration("supersededAfter"),
        };
        outage?.RefuseOthers();
        fields.RefuseOthers();
        return scenario;
    }

    private static VersionConduct Conduct(Fields? fields)
    {
        if (fields is null)
            return new VersionConduct();
        var median = fields.Duration("latency") ?? Latency.Usual.Median;
        var slowest = fields.Duration("latencyP99") ?? median * 7.5;
        if (slowest <= median)
            throw fields.Wrong("latencyP99", "write a longer time than latency");
        var conduct = new VersionConduct
        {
            ErrorRate = fields.Percent("errorRate") ?? 0,
            ErrorsAfter = fields.Duration("errorsAfter") ?? TimeSpan.Zero,
            FromShare = (fields.Number("fromWeight") ?? 0) / 100.0,
            Latency = new Latency(median, slowest),
            Gauges = fields.Child("gauges")?.Gauges() ?? VersionConduct.NoGauges,
            Pods = new PodScript { Conduct = fields.Choice<PodConduct>("pods") ?? PodConduct.Ready, StartUp = fields.Duration("startUp") ?? new PodScript().StartUp },
            Answers = [.. fields.Children("answers").Select(Answer)],
            Jobs = [.. fields.Children("jobs").Select(Job)],
            Hooks = [.. fields.Children("hooks").Select(Hook)],
        };
        fields.RefuseOthers();
        return conduct;
    }

    private static PathAnswer Answer(Fields fields)
    {
        var status = fields.Number("status", 599) ?? (int)PodAnswer.Good.Status;
        var answer = new PathAnswer(
            fields.Text("path") is ['/', ..] and { } path ? path : throw fields.Wrong("path", "write a path such as /readyz"),
            new PodAnswer((HttpStatusCode)status, fields.Text("body") ?? PodAnswer.Good.Body, fields.Duration("delay") ?? PodAnswer.Good.Delay)
            {
                Headers = fields.Child("headers")?.Texts() ?? PodAnswer.Good.Headers,
            },
            fields.Duration("after") ?? TimeSpan.Zero,
            fields.Duration("for"));
        fields.RefuseOthers();
        return answer;
    }

    private static JobConduct Job(Fields fields)
    {
        var job = new JobConduct(
            Check(fields),
            Succeeds: fields.Flag("fails") is not true,
            fields.Duration("runsFor"),
            fields.Text("log") ?? "");
        fields.RefuseOthers();
        return job;
    }

    private static HookConduct Hook(Fields fields)
    {
        var hook = new HookConduct(
            Check(fields),
            new HookAnswer(fields.Choice<HookVerdict>("verdict") ?? HookVerdict.Proceed, fields.Text("message") ?? ""),
            fields.Duration("after") ?? TimeSpan.Zero,
            fields.Duration("for"));
        fields.RefuseOthers();
        return hook;
    }

    private static string Check(Fields fields) =>
        fields.Text("check") is { Length: > 0 } check ? check : throw fields.Wrong("check", "write the name of a check of the Rollout");

    /// <summary>The fields of one level, each to be asked for by name.</summary>
    private sealed class Fields(string file, string path, JsonObject members)
    {
        private readonly HashSet<string> _known = [];

        public string? Text(string name)
        {
            _known.Add(name);
            return members[name] switch
            {
                null => null,
                JsonValue value => value.ToString(),
                _ => throw Wrong(name, "write a text"),
            };
        }

        public Fields? Child(string name)
        {
            _known.Add(name);
            return members[name] switch
            {
                null => null,
                JsonObject child => new Fields(file, $"{path}{name}.", child),
                _ => throw Wrong(name, "write fields below it"),
            };
        }

        public Dictionary<string, string> Texts() => members.ToDictionary(member => member.Key, member => Text(member.Key) ?? "");

        public IEnumerable<Fields> Children(string name)
        {
            _known.Add(name);
            return members[name] switch
            {
                null => [],
                JsonArray children when children.All(child => child is JsonObject) =>
                    children.Select((child, index) => new Fields(file, $"{path}{name}[{index}].", child!.AsObject())),
                _ => throw Wrong(name, "write a list of items with fields"),
            };
        }

        public int? Number(string name, int max = 100) => Text(name) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number
            : throw Wrong(name, $"write a number from 0 to {max}");

        public bool? Flag(string name) => Text(name) is not { } text ? null
            : bool.TryParse(text, out var flag) ? flag
            : throw Wrong(name, "write true or false");

        public double? Percent(string name) => Text(name) is not { } text ? null
            : text == "0%" ? 0
            : Parsed(name, text, PercentString.Parse, "write a share such as 0.5%");

        /// <summary>Every field is a metric, or a check, with the value that is measured.</summary>
        public Dictionary<string, Func<TimeSpan, double>> Gauges() => members.ToDictionary(member => member.Key, member =>
        {
            var value = double.TryParse(Text(member.Key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number : throw Wrong(member.Key, "write a number such as 90 or 0.5");
            return (Func<TimeSpan, double>)(_ => value);
        });

        public TimeSpan? Duration(string name) => Text(name) is not { } text ? null
            : Parsed(name, text, GatewayDuration.Parse, "write a duration such as 90s or 1m30s");

        public T? Choice<T>(string name)
            where T : struct, Enum => Text(name) is not { } text ? null
            : Enum.TryParse<T>(text, ignoreCase: false, out var choice) && Enum.IsDefined(choice) ? choice
            : throw Wrong(name, $"write one of {string.Join(", ", Enum.GetNames<T>())}");

        public void RefuseOthers()
        {
            if (members.Select(member => member.Key).FirstOrDefault(name => !_known.Contains(name)) is { } other)
                throw Wrong(other, $"there is no such field; there are {string.Join(", ", _known)}");
        }

        private T Parsed<T>(string name, string text, Func<string, T> parse, string what)
        {
            try
            {
                return parse(text);
            }
            catch (FormatException)
            {
                throw Wrong(name, what);
            }
        }

        public ManifestException Wrong(string name, string what) => new(file, $"{path}{name}", what);
    }
}
