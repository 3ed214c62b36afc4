using System.Net;
using NUnit.Framework;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Tests.Analysis.Metrics;

public sealed class SelectorTemplateTests
{
    private static readonly ArmIdentity Arm = new("prod", "shop-canary", "7c9d8b6f54", ArmIdentity.PodsOf("shop.v2-7c9d8b6f54"));

    [TestCase("""m{pod=~"$pods"}""", """m{pod=~"shop\\.v2-7c9d8b6f54-[a-z0-9]{5}"}""")]
    [TestCase("""  ns:m:sum { a = "x" , service = '$service' , } """, """ns:m:sum{a="x",service="shop-canary"}""")]
    [TestCase("""{__name__="m", rev!="x", rev="$revision"}""", """m{rev!="x",rev="7c9d8b6f54"}""")]
    [TestCase("""{"a"="b"}""", null)]
    [TestCase("""m{c=~"$namespace_$service_[0-9]+"}""", """m{c=~"prod_shop-canary_[0-9]+"}""")]
    [TestCase("""m{s="$service",c=~`5\d\d`}""", """m{s="shop-canary",c=~"5\\d\\d"}""")]
    [TestCase("""m{s="$service",c=~"5\\d\\d"}""", """m{s="shop-canary",c=~"5\\d\\d"}""")]
    [TestCase("""m{s="$service",x="say \"hi\", {}[5m] offset\n"}""", """m{s="shop-canary",x="say \"hi\", {}[5m] offset\n"}""")]
    [TestCase("""m{s="$service",c=~"^5..$"}""", """m{s="shop-canary",c=~"^5..$"}""")]
    [TestCase("""m{s="$service",x='"} or up{a="'}""", """m{s="shop-canary",x="\"} or up{a=\""}""")]
    public void Fills_in_and_escapes(string text, string? expected)
    {
        if (expected is null)
            Assert.That(() => SelectorTemplate.Parse(text), Throws.TypeOf<SelectorException>());
        else
            Assert.That(SelectorTemplate.Parse(text).Render(Arm), Is.EqualTo(expected));
    }

    [TestCase("plain", 500, """http_request_duration_seconds_bucket{namespace="prod",pod=~"shop\\.v2-7c9d8b6f54-[a-z0-9]{5}",le=~"0[.]5"}""")]
    [TestCase("ingress-nginx", 5000, """nginx_ingress_controller_request_duration_seconds_bucket{exported_namespace="prod",exported_service="shop-canary",le=~"5([.]0)?"}""")]
    [TestCase("contour", 2500, """envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=~"prod_shop-canary_[0-9]+",le=~"2500([.]0)?"}""")]
    [TestCase("istio-grpc", 1, """istio_request_duration_milliseconds_bucket{reporter="source",destination_service_namespace="prod",destination_service_name="shop-canary",le=~"1([.]0)?"}""")]
    [TestCase("envoy-gateway", 1, null)]
    public void Buckets_are_found_by_both_ways_to_write_a_bound(string preset, int milliseconds, string? expected) =>
        Assert.That(Presets.Latency(preset, TimeSpan.FromMilliseconds(milliseconds))?.Within.Render(Arm), Is.EqualTo(expected));

    [TestCase("", "name one metric")]
    [TestCase("{}", "name one metric")]
    [TestCase("""{pod=~"$pods"}""", "name one metric")]
    [TestCase("""{__name__=~"m.*",pod=~"$pods"}""", "name one metric")]
    [TestCase("""m{__name__="n",pod=~"$pods"}""", "name one metric")]
    [TestCase("http_requests_total", "tell the two versions apart")]
    [TestCase("""m{namespace="$namespace"}""", "tell the two versions apart")]
    [TestCase("""m{pod!~"$pods"}""", "tell the two versions apart")]
    [TestCase("""rate(m{pod=~"$pods"}[5m])""", "character 5: functions and aggregations are not allowed")]
    [TestCase("""sum by (pod) (m)""", "functions and aggregations are not allowed")]
    [TestCase("""m{pod=~"$pods"}[5m]""", "character 16: a range such as [5m] is not allowed")]
    [TestCase("""m{pod=~"$pods"} offset 5m""", "character 17: the modifiers @ and offset are not allowed")]
    [TestCase("""m{pod=~"$pods"} @ 0""", "modifiers")]
    [TestCase("""m{pod=~"$pods"} or up""", "expected the end")]
    [TestCase("""m{pod=~"$pods"} / n""", "operators are not allowed")]
    [TestCase("""m{pod=~"$pods"} # {""", "comments are not allowed")]
    [TestCase("""m{pod=~"$pods"}{a="b"}""", "expected the end")]
    [TestCase("""m{pod=~$pods}""", "character 8: a variable stands within quotes")]
    [TestCase("""m{$pods="x"}""", "expected a label's name")]
    [TestCase("""$service{a="b"}""", "expected the end")]
    [TestCase("""m{pod="$pods"}""", """character 3: $pods is a regular expression: write pod=~"$pods" """)]
    [TestCase("""m{pod=~"$pod"}""", "there is no variable $pod: the variables are $namespace, $service, $revision, $pods and $addresses")]
    [TestCase("""m{pod=~"$podsx"}""", "there is no variable $podsx")]
    [TestCase("""m{pod=~"$pods" """, "brace is not closed")]
    [TestCase("m{", "brace is not closed")]
    [TestCase("""m{pod=~"$pods}""", "character 8: this quote is not closed")]
    [TestCase("m{pod=~\"$pods\n\"}", "quote is not closed")]
    [TestCase("m{pod=~\"x\0", "quote is not closed")]
    [TestCase("""m{pod=~"\d"}""", "backslash in a quoted value is written twice")]
    [TestCase("m{pod=~\"\\\"", "quote is not closed")]
    [TestCase("m{pod=~\"\\", "backslash")]
    [TestCase("""m{pod~"$pods"}""", "expected one of = != =~ !~")]
    [TestCase("""m{pod=~5}""", "expected a value in quotes")]
    [TestCase("""m{pod=~"$pods" a="b"}""", "expected a comma")]
    [TestCase("""m{0a="b"}""", "expected a label's name")]
    [TestCase("""m{a:b="$service"}""", "expected one of")]
    public void Says_what_is_wrong_and_where(string text, string expected) =>
        Assert.That(() => SelectorTemplate.Parse(text), Throws.TypeOf<SelectorException>().With.Message.Contains(expected.Trim()));

    [Test]
    public void Refuses_more_than_a_kibibyte() =>
        Assert.That(() => SelectorTemplate.Parse($$"""m{pod=~"$pods",a="{{new string('x', 1024)}}"}"""), Throws.TypeOf<SelectorException>().With.Message.Contains("1024"));

    [Test]
    public void Holds_every_query_to_the_namespace_when_the_operator_wants_that() =>
        Assert.That(
            SelectorTemplate.Parse("""m{namespace=~".*",pod=~"$pods"}""").Render(Arm, "namespace"),
            Is.EqualTo("""m{namespace=~".*",pod=~"shop\\.v2-7c9d8b6f54-[a-z0-9]{5}",namespace="prod"}"""));

    [Test]
    public void The_service_must_be_the_versions_own() =>
        Assert.That(
            () => SelectorTemplate.Parse("""m{service="$service"}""").Render(new ArmIdentity("prod", null, "abc", "shop-abc-.+")),
            Throws.TypeOf<SelectorException>().With.Message.Contains("use $pods or $revision"));

    [TestCase("""m{pod=~"$pods"}""", true)]
    [TestCase("""m{hash="$revision"}""", true)]
    [TestCase("""m{service="$service",hash!="$revision"}""", false)]
    public void Knows_whether_the_series_began_with_the_version(string text, bool expected) =>
        Assert.That(SelectorTemplate.Parse(text).NamesRevision, Is.EqualTo(expected));

    [TestCase("a\"b", "s", "r", "p")]
    [TestCase("A", "s", "r", "p")]
    [TestCase("n\n", "s", "r", "p")]
    [TestCase("", "s", "r", "p")]
    [TestCase("n", "s.*", "r", "p")]
    [TestCase("n", "s", "r|x", "p")]
    [TestCase("n", "s", "r", "p\"}")]
    [TestCase("n", "s", "r", "")]
    public void Values_that_could_change_a_query_are_refused(string ns, string service, string revision, string pods) =>
        Assert.That(() => new ArmIdentity(ns, service, revision, pods), Throws.ArgumentException);

    [Test]
    public void The_pods_of_a_long_name_are_found_by_what_the_api_server_leaves_of_it() =>
        Assert.That(ArmIdentity.PodsOf(new string('a', 60)), Is.EqualTo($"{new string('a', 58)}[a-z0-9]{{5}}"));

    [Test]
    public void Presets_name_their_version() => Assert.Multiple(() =>
    {
        Assert.That(Presets.Names, Is.EquivalentTo(new[] { "plain", "istio", "istio-grpc", "contour", "envoy-gateway", "ingress-nginx" }));
        Assert.That(Presets.Find("istio").Errors.Render(Arm), Is.EqualTo(
            """istio_requests_total{reporter="source",destination_service_namespace="prod",destination_service_name="shop-canary",response_code=~"5.."}"""));
        Assert.That(Presets.Find("plain").Requests.Render(Arm), Is.EqualTo(
            """http_requests_total{namespace="prod",pod=~"shop\\.v2-7c9d8b6f54-[a-z0-9]{5}"}"""));
        Assert.That(Presets.Find("contour").Errors.Render(Arm), Is.EqualTo(
            """envoy_cluster_upstream_rq_xx{envoy_cluster_name=~"prod_shop-canary_[0-9]+",envoy_response_code_class="5"}"""));
        Assert.That(Presets.Find("ingress-nginx").Errors.Render(Arm), Is.EqualTo(
            """nginx_ingress_controller_requests{exported_namespace="prod",exported_service="shop-canary",status=~"5.."}"""));
        Assert.That(Presets.Find("envoy-gateway").Errors.Render(Arm), Is.EqualTo("""envoy_cluster_endpoint_rq_error{envoy_endpoint_address=~"none"}"""));
        Assert.That(() => Presets.Find("nope"), Throws.ArgumentException.With.Message.Contains("there are plain, istio"));
    });

    [Test]
    public void Addresses_are_those_that_the_pods_have_at_the_look()
    {
        var pods = new List<IPAddress> { IPAddress.Parse("10.1.2.3") };
        var arm = Arm with { Addresses = () => pods };
        var requests = Presets.Find("envoy-gateway").Requests;

        var first = requests.Render(arm);
        pods.Add(IPAddress.Parse("fd00::7"));

        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo("""envoy_cluster_endpoint_rq_total{envoy_endpoint_address=~"(10\\.1\\.2\\.3):[0-9]+"}"""));
            Assert.That(requests.Render(arm), Is.EqualTo("""envoy_cluster_endpoint_rq_total{envoy_endpoint_address=~"(10\\.1\\.2\\.3|\\[fd00::7\\]):[0-9]+"}"""));
        });
    }

    [Test]
    public void A_rollouts_selectors_are_told_apart_in_messages() =>
        Assert.That(() => ErrorRateSelectors.Parse("""m{pod=~"$pods"}""", "m{"), Throws.TypeOf<SelectorException>().With.Message.StartsWith("analysis.errorRate.errors: "));
}
