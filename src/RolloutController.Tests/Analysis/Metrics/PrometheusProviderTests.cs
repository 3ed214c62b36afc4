using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using RolloutController.Analysis.Metrics;
using RolloutController.Endpoints;

namespace RolloutController.Tests.Analysis.Metrics;

[CancelAfter(60_000)]
public sealed class PrometheusProviderTests
{
    private const string Marker = "HOSTILE";
    private static readonly string Series = """{"metric":{"__name__":"m","pod":"a"},"values":[[1767268800.123,"7"],[1767268815,"1.2e1"]]}""";
    private static readonly string Good = FakePrometheus.Matrix(Series);

    private static async Task<MetricReading> Read(FakePrometheus server, CancellationToken token, PrometheusOptions? options = null, TimeProvider? clock = null)
    {
        using var provider = new PrometheusProvider((options ?? Options) with { Address = server.Address }, clock ?? TimeProvider.System);
        return await provider.ReadAsync(new MetricQuery.Counters("m{a=\"b\"}", TimeSpan.FromMinutes(2)), token);
    }

    private static PrometheusOptions Options => new("prom", new Uri("http://127.0.0.1:1"));

    [Test]
    public async Task Reads_raw_values_with_their_times(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            context.Response.Headers.Date = "Thu, 01 Jan 2026 12:00:20 GMT";
            await FakePrometheus.Json(Good)(context);
        });

        var counters = (MetricReading.Found)await Read(server, token);

        Assert.That(counters.AsOf, Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1767268820)), "the server's clock");
        Assert.That(counters.Series.Single().Key, Is.EqualTo("__name__=1:m,pod=1:a"));
        Assert.That(counters.Series.Single().Points, Is.EqualTo(new[]
        {
            new MetricPoint(DateTimeOffset.FromUnixTimeMilliseconds(1767268800123), 7),
            new MetricPoint(DateTimeOffset.FromUnixTimeMilliseconds(1767268815000), 12),
        }));
    }

    [Test]
    public async Task Asks_by_form_with_credentials_and_tenant(CancellationToken token)
    {
        var tokenFile = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}");
        await File.WriteAllTextAsync(tokenFile, "s3cret\n", token);
        var seen = new Dictionary<string, string>();
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            foreach (var (name, value) in await context.Request.ReadFormAsync(token))
                seen[name] = value.ToString();
            foreach (var name in (string[])["Authorization", "X-Scope-OrgID", "Accept-Encoding"])
                seen[name] = context.Request.Headers[name].ToString();
            seen["url"] = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
            await FakePrometheus.Json(Good)(context);
        });
        using var provider = new PrometheusProvider(
            Options with { Address = new Uri(server.Address, "/prometheus/"), BearerTokenFile = tokenFile, TenantId = "team-a" }, TimeProvider.System);

        await provider.ReadAsync(new MetricQuery.Counters("m{a=\"b\"}", TimeSpan.FromSeconds(120)), token);

        Assert.That(seen, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["query"] = "m{a=\"b\"}[120s]",
            ["timeout"] = "9s",
            ["partial_response"] = "false",
            ["Authorization"] = "Bearer s3cret",
            ["X-Scope-OrgID"] = "team-a",
            ["Accept-Encoding"] = "",
            ["url"] = "POST /prometheus/api/v1/query",
        }));

        await File.WriteAllTextAsync(tokenFile, "rotated", token);
        await provider.ReadAsync(new MetricQuery.Counters("m{a=\"b\"}", TimeSpan.FromSeconds(120)), token);
        Assert.That(seen["Authorization"], Is.EqualTo("Bearer rotated"));

        File.Delete(tokenFile);
        var reading = await provider.ReadAsync(new MetricQuery.Counters("m{a=\"b\"}", TimeSpan.FromSeconds(120)), token);
        Assert.That(reading, Is.EqualTo(new MetricReading.Refused("provider prom cannot be asked: the controller cannot read a token, password or certificate from its file")));
    }

    [Test]
    public async Task Asks_with_basic_authentication(CancellationToken token)
    {
        var passwordFile = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}");
        await File.WriteAllTextAsync(passwordFile, "pa:ss", token);
        var authorization = "";
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            authorization = context.Request.Headers.Authorization.ToString();
            await FakePrometheus.Json(Good)(context);
        });

        await Read(server, token, Options with { Username = "me", PasswordFile = passwordFile });
        File.Delete(passwordFile);

        Assert.That(authorization, Is.EqualTo("Basic bWU6cGE6c3M="));
    }

    [Test]
    public void Secrets_do_not_write_themselves_out() =>
        Assert.That($"{new Secret("s3cret")}", Is.EqualTo("(redacted)"));

    private static IEnumerable<TestCaseData> Unusable()
    {
        static TestCaseData Case(string name, string body, string expected, bool refused = false) =>
            new TestCaseData(body, expected, refused).SetArgDisplayNames(name);
        static string Point(string value) => FakePrometheus.Matrix($$$"""{"metric":{},"values":[[1,{{{value}}}]]}""");

        yield return Case("not JSON", Marker, "no query result");
        yield return Case("empty", "", "no query result");
        yield return Case("cut off", Good[..^5], "no query result");
        yield return Case("no object", "[]", "no query result");
        yield return Case("null", "null", "no query result");
        yield return Case("too deep", new string('[', 100_000), "no query result");
        yield return Case("no data", """{"status":"success"}""", "no query result");
        yield return Case("data of another kind", """{"status":"success","data":"HOSTILE"}""", "no query result");
        yield return Case("an error with status 200", """{"status":"error","errorType":"HOSTILE","error":"HOSTILE"}""", "could not run");
        yield return Case("a scalar", """{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}""", "did not answer with raw values");
        yield return Case("a vector", """{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}""", "did not answer with raw values");
        yield return Case("a partial response", Good[..^1] + ""","warnings":["HOSTILE: store unreachable"]}""", "part of the data");
        yield return Case("a partial response of VictoriaMetrics", Good[..^1] + ""","isPartial":true}""", "part of the data");
        yield return Case("not a number", Point("\"NaN\""), "no counts");
        yield return Case("infinity", Point("\"+Inf\""), "no counts");
        yield return Case("too large for a double", Point("\"1e999\""), "no counts");
        yield return Case("a word", Point("\"HOSTILE\""), "no query result");
        yield return Case("a number that is no string", Point("7"), "no query result");
        yield return Case("a null", Point("null"), "no query result");
        yield return Case("a point of three", Point("\"1\",\"2\""), "no query result");
        yield return Case("a time past the calendar", FakePrometheus.Matrix("""{"metric":{},"values":[[1e18,"1"]]}"""), "no query result");
        yield return Case("a time before it", FakePrometheus.Matrix("""{"metric":{},"values":[[-1e18,"1"]]}"""), "no query result");
        yield return Case("a label twice", FakePrometheus.Matrix("""{"metric":{"a":"1","a":"2"},"values":[[1,"1"]]}"""), "no query result");
        yield return Case("a series without values", FakePrometheus.Matrix("""{"metric":{}}"""), "no query result");
        yield return Case("a negative value", Point("\"-1\""), "must select counters", refused: true);
        yield return Case("a native histogram", FakePrometheus.Matrix("""{"metric":{},"histograms":[[1,{"count":"1","sum":"1","buckets":[[0,"1","2","1"]]}]]}"""), "native histograms", refused: true);
        yield return Case("too many series", FakePrometheus.Matrix([.. Enumerable.Repeat(Series, 501)]), "more than 500 series", refused: true);
        yield return Case("too large", Good + new string(' ', 1024 * 1024), "more than 1 MiB", refused: true);
    }

    private static IEnumerable<TestCaseData> Values()
    {
        static TestCaseData Case(string name, string type, string result, object expected) =>
            new TestCaseData($$$"""{"status":"success","data":{"resultType":"{{{type}}}","result":{{{result}}}}}""", expected).SetArgDisplayNames(name);

        yield return Case("a vector", "vector", """[{"metric":{"pod":"a"},"value":[1767268800,"-1.5e1"]}]""", -15.0);
        yield return Case("a scalar", "scalar", """[1767268800,"7"]""", 7.0);
        yield return Case("a vector of nothing", "vector", "[]", "nothing");
        yield return Case("a vector that is no number", "vector", """[{"metric":{},"value":[1767268800,"NaN"]}]""", "nothing");
        yield return Case("a scalar that is no number", "scalar", """[1767268800,"NaN"]""", "nothing");
        yield return Case("an infinite vector", "vector", """[{"metric":{},"value":[1767268800,"-Inf"]}]""", "infinite value");
        yield return Case("an infinite scalar", "scalar", """[1767268800,"+Inf"]""", "infinite value");
        yield return Case("a string", "string", """[1767268800,"HOSTILE"]""", "yields no number");
        yield return Case("a matrix", "matrix", "[]", "yields no number");
        yield return Case("something else", "HOSTILE", "[]", "did not answer with raw values");
        yield return Case("a histogram", "vector", """[{"metric":{},"histogram":[1767268800,{"count":"1","sum":"1"}]}]""", "native histograms");
        yield return Case("neither value nor histogram", "vector", """[{"metric":{}}]""", "no query result");
        yield return Case("a value that is no text", "vector", """[{"metric":{},"value":[1767268800,7]}]""", "no query result");
    }

    [TestCaseSource(nameof(Values))]
    public async Task An_expression_yields_a_value(string body, object expected, CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(body));
        using var provider = new PrometheusProvider(Options with { Address = server.Address }, TimeProvider.System);

        var seen = await provider.ReadAsync(new MetricQuery.Expression("sum(m)"), token) switch
        {
            MetricReading.Found { Series: [] } => "nothing",
            MetricReading.Found { Series: [var only] } => (object)only.Points.Single().Value,
            MetricReading.Unavailable unavailable => unavailable.Message,
            MetricReading.Refused refused => refused.Message,
            var other => other,
        };

        Assert.That(seen, expected is string text ? Does.Contain(text).And.Not.Contain(Marker) : Is.EqualTo(expected));
    }

    [Test]
    public async Task Gauges_may_fall_below_0_and_leave_out_what_is_no_number(CancellationToken token)
    {
        var body = FakePrometheus.Matrix(
            """{"metric":{"pod":"a"},"values":[[1,"-2"],[2,"NaN"]]}""", """{"metric":{"pod":"b"},"values":[[1,"NaN"]]}""");
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(body));
        using var provider = new PrometheusProvider(Options with { Address = server.Address }, TimeProvider.System);

        var found = (MetricReading.Found)await provider.ReadAsync(new MetricQuery.Gauges("m", TimeSpan.FromMinutes(2)), token);

        Assert.That(found.Series.Single().Points, Is.EqualTo(new[] { new MetricPoint(DateTimeOffset.FromUnixTimeSeconds(1), -2) }));
    }

    [TestCaseSource(nameof(Unusable))]
    public async Task An_unusable_answer_is_never_counts_and_never_quoted(string body, string expected, bool refused, CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(body));

        Expect(await Read(server, token), refused, expected);
        Assert.That(server.Requests, Is.EqualTo(1), "an answer is not asked for again");
    }

    [TestCase(400, true, "regular expressions")]
    [TestCase(401, true, "credentials")]
    [TestCase(403, true, "not allow")]
    [TestCase(404, true, "address")]
    [TestCase(405, true, "address")]
    [TestCase(422, true, "matches too much")]
    [TestCase(302, true, "redirects")]
    [TestCase(308, true, "redirects")]
    [TestCase(418, false, "status 418")]
    [TestCase(500, false, "status 500")]
    public async Task A_refusal_says_what_to_mend_and_is_not_repeated(int status, bool refused, string expected, CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            await FakePrometheus.Json($"{{\"error\":\"{Marker}\"}}", status)(context);
        });

        Expect(await Read(server, token), refused, expected);
        Assert.That(server.Requests, Is.EqualTo(1));
    }

    [Faults.FaultRow(32, "HTML with status 200")]
    [Test]
    public async Task A_login_page_is_not_data(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json($"<html>{Marker}</html>", contentType: "text/html"));

        Expect(await Read(server, token), refused: false, "login page");
    }

    [Faults.FaultRow(32, "a compressed bomb")]
    [Test]
    public async Task A_compressed_bomb_is_not_unpacked(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(new byte[4 * 1024 * 1024], token);
        });

        Expect(await Read(server, token), refused: false, "plain JSON");
    }

    [Test]
    public async Task A_remark_of_the_engine_is_no_partial_response(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(Good[..^1] + ""","warnings":["PromQL warning: x"],"infos":["PromQL info: y"]}"""));

        Assert.That(await Read(server, token), Is.InstanceOf<MetricReading.Found>());
    }

    [Test]
    public async Task Nothing_matched_is_an_answer(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(FakePrometheus.Matrix()));

        Assert.That(await Read(server, token), Is.InstanceOf<MetricReading.Found>().With.Property("Series").Empty);
    }

    [TestCase(429)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task A_passing_fault_is_tried_again(int status, CancellationToken token)
    {
        FakePrometheus? server = null;
        server = await FakePrometheus.StartAsync(context => (server!.Requests < 3 ? FakePrometheus.Json("Service Unavailable", status, "text/plain") : FakePrometheus.Json(Good))(context));
        await using var _ = server;
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        var reading = Read(server, token, clock: clock);

        await clock.RunUntilAsync(() => reading.IsCompleted, token);

        Assert.That(await reading, Is.InstanceOf<MetricReading.Found>());
        Assert.That(server.Requests, Is.EqualTo(3));
    }

    [Test]
    public async Task A_server_that_hangs_runs_into_the_time_limit(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var start = DateTimeOffset.UtcNow;
        var clock = new ManualTimeProvider(start);
        var reading = Read(server, token, clock: clock);

        await clock.RunUntilAsync(() => reading.IsCompleted, token);

        Expect(await reading, refused: false, "did not answer in time");
        Assert.That(clock.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(32)));
    }

    [Test]
    public async Task A_server_that_keeps_failing_is_left_alone_for_a_while(CancellationToken token)
    {
        var answer = FakePrometheus.Json(Marker, 503);
        await using var server = await FakePrometheus.StartAsync(context => answer(context));
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var provider = new PrometheusProvider(Options with { Address = server.Address }, clock);

        async Task<MetricReading> ReadOnce()
        {
            var reading = provider.ReadAsync(new MetricQuery.Counters("m", TimeSpan.FromMinutes(2)), token);
            await clock.RunUntilAsync(() => reading.IsCompleted, token);
            return await reading;
        }

        Expect(await ReadOnce(), refused: false, "status 503");
        Expect(await ReadOnce(), refused: false, "left alone");
        Assert.That(server.Requests, Is.EqualTo(5));

        answer = FakePrometheus.Json(Good);
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.That(await ReadOnce(), Is.InstanceOf<MetricReading.Found>());
    }

    [Test]
    public async Task An_address_where_nobody_listens_is_unavailable(CancellationToken token)
    {
        var server = await FakePrometheus.StartAsync(FakePrometheus.Json(Good));
        var address = server.Address;
        await server.DisposeAsync();
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        using var provider = new PrometheusProvider(Options with { Address = address }, clock);
        var reading = provider.ReadAsync(new MetricQuery.Counters("m", TimeSpan.FromMinutes(2)), token);

        await clock.RunUntilAsync(() => reading.IsCompleted, token);

        Expect(await reading, refused: false, "cannot be reached");
    }

    [Test]
    public async Task Giving_up_is_not_tried_again(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(token);
        var reading = Read(server, cancel.Token);
        while (server.Requests == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, token);
        await cancel.CancelAsync();

        Assert.That(async () => await reading, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(server.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task At_most_eight_queries_run_at_a_time(CancellationToken token)
    {
        var (running, most) = (0, 0);
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
            Interlocked.Decrement(ref running);
            await FakePrometheus.Json(Good)(context);
        });
        using var provider = new PrometheusProvider(Options with { Address = server.Address }, TimeProvider.System);

        var readings = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => provider.ReadAsync(new MetricQuery.Counters("m", TimeSpan.FromMinutes(2)), token)));

        Assert.That(readings, Has.All.InstanceOf<MetricReading.Found>());
        Assert.That(most, Is.InRange(2, 8));

        static void InterlockedMax(ref int target, int value)
        {
            for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
                Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    [Test]
    public async Task Only_the_named_authority_is_trusted(CancellationToken token)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), token);
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(Good), certificate);
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);

        Assert.That(await Read(server, token, Options with { CertificateAuthorityFile = file }), Is.InstanceOf<MetricReading.Found>());
        var untrusted = Read(server, token, clock: clock);
        await clock.RunUntilAsync(() => untrusted.IsCompleted, token);
        Expect(await untrusted, refused: false, "certificate");
        File.Delete(file);
    }

    private static IEnumerable<PrometheusOptions> Mistakes() =>
    [
        Options with { Address = new Uri("ftp://prometheus") },
        Options with { Address = new Uri("/prometheus", UriKind.Relative) },
        Options with { Address = new Uri("http://me:secret@prometheus") },
        Options with { Username = "me" },
        Options with { Username = "me", PasswordFile = "p", BearerTokenFile = "t" },
        Options with { NamespaceLabel = "a\"b" },
        Options with { Preset = "nope" },
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void Settings_that_cannot_work_are_refused(PrometheusOptions options) =>
        Assert.That(() => new PrometheusProvider(options, TimeProvider.System), Throws.ArgumentException.With.Message.StartsWith("Metric provider prom: ").And.Message.Not.Contains("secret"));

    private static void Expect(MetricReading reading, bool refused, string expected)
    {
        var message = reading switch
        {
            MetricReading.Refused refusal when refused => refusal.Message,
            MetricReading.Unavailable unavailable when !refused => unavailable.Message,
            _ => throw new AssertionException($"Unexpected: {reading}"),
        };
        Assert.That(message, Does.Contain(expected).And.Not.Contain(Marker));
    }
}
