using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>
/// A scenario that a user wrote as YAML: <c>name</c>, <c>description</c>, <c>expect</c>, <c>canary</c> and <c>stable</c> (<c>errorRate</c>,
/// <c>fromWeight</c>, <c>latency</c>, <c>latencyP99</c>, <c>pods</c>, <c>startUp</c>), <c>prometheusDown</c> (<c>after</c>, <c>for</c>) and <c>supersededAfter</c>.
/// </summary>
internal static class ScenarioFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ManifestException">It is no scenario; the message names the field and what to write.</exception>
    public static Scenario Read(string file)
    {
        try
        {
            var documents = YamlReader.Read(File.ReadAllText(file));
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
            FromShare = (fields.Number("fromWeight") ?? 0) / 100.0,
            Latency = new Latency(median, slowest),
            Pods = new PodScript { Conduct = fields.Choice<PodConduct>("pods") ?? PodConduct.Ready, StartUp = fields.Duration("startUp") ?? new PodScript().StartUp },
        };
        fields.RefuseOthers();
        return conduct;
    }

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

        public int? Number(string name) => Text(name) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 100 ? number
            : throw Wrong(name, "write a number from 0 to 100");

        public double? Percent(string name) => Text(name) is not { } text ? null
            : text == "0%" ? 0
            : Parsed(name, text, PercentString.Parse, "write a share such as 0.5%");

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
