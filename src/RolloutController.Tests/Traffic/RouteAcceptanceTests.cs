using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

internal sealed class RouteAcceptanceTests
{
    private const string Public = """{"name":"public"}""";

    /// <summary>The route of these tests is at generation 3; conditions are <c>Type=Status@generation</c>, with a reason behind a slash.</summary>
    private static RouteAcceptance Judge(string parentRefs, params (string Parent, string Conditions)[] answers)
    {
        var route = Routes.Json("shop 1");
        route["spec"]!["parentRefs"] = JsonNode.Parse($"[{parentRefs}]");
        route["status"] = new JsonObject
        {
            ["parents"] = new JsonArray([.. answers.Select((answer, index) => new JsonObject
            {
                ["parentRef"] = JsonNode.Parse(answer.Parent),
                ["controllerName"] = $"example.com/{index}",
                ["conditions"] = new JsonArray([.. answer.Conditions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Condition)]),
            })]),
        };
        return RouteAcceptance.Of(Routes.Read(route));
    }

    private static JsonObject Condition(string text)
    {
        var parts = text.Split('=', '@', '/');
        return new JsonObject
        {
            ["type"] = parts[0],
            ["status"] = parts[1],
            ["observedGeneration"] = int.Parse(parts[2], null),
            ["reason"] = parts.Length > 3 ? parts[3] : "Some",
            ["message"] = "as told",
        };
    }

    [TestCase("Accepted=True@3 ResolvedRefs=True@3", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@4 ResolvedRefs=True@4", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@3 ResolvedRefs=True@3 PartiallyInvalid=True@2", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@3 ResolvedRefs=True@3 PartiallyInvalid=False@3", ExpectedResult = "Accepted")]
    [TestCase("", ExpectedResult = "Pending")]
    [TestCase("Accepted=True@3", ExpectedResult = "Pending")]
    [TestCase("ResolvedRefs=True@3", ExpectedResult = "Pending")]
    [TestCase("Accepted=True@2 ResolvedRefs=True@3", ExpectedResult = "Pending")]
    [TestCase("Accepted=True@3 ResolvedRefs=True@2", ExpectedResult = "Pending")]
    [TestCase("Accepted=Unknown@3 ResolvedRefs=True@3", ExpectedResult = "Pending")]
    [TestCase("Accepted=False@3/Pending ResolvedRefs=True@3", ExpectedResult = "Pending")]
    [TestCase("Accepted=False@2 ResolvedRefs=False@2", ExpectedResult = "Pending")]
    [TestCase("Accepted=False@3/NotAllowedByListeners ResolvedRefs=True@3", ExpectedResult = "Refused")]
    [TestCase("Accepted=True@3 ResolvedRefs=False@3/BackendNotFound", ExpectedResult = "Refused")]
    [TestCase("Accepted=True@2 ResolvedRefs=False@3/BackendNotFound", ExpectedResult = "Refused")]
    [TestCase("Accepted=True@2 ResolvedRefs=True@3 PartiallyInvalid=True@3", ExpectedResult = "Refused")]
    public string One_controller(string conditions) => Judge(Public, (Public, conditions)).GetType().Name;

    [TestCase("""{"name":"public"}""", """{"name":"public"}""", true)]
    [TestCase("""{"name":"public"}""", """{"group":"gateway.networking.k8s.io","kind":"Gateway","namespace":"default","name":"public"}""", true)]
    [TestCase("""{"name":"public","sectionName":"https","port":443}""", """{"name":"public","sectionName":"https","port":443}""", true)]
    [TestCase("""{"group":"","kind":"Service","name":"shop","port":80}""", """{"group":"","kind":"Service","name":"shop","port":80}""", true)]
    [TestCase("""{"name":"public"}""", """{"name":"private"}""", false)]
    [TestCase("""{"name":"public"}""", """{"namespace":"infra","name":"public"}""", false)]
    [TestCase("""{"name":"public","sectionName":"https"}""", """{"name":"public","sectionName":"http"}""", false)]
    [TestCase("""{"name":"public","port":443}""", """{"name":"public"}""", false)]
    [TestCase("""{"name":"shop"}""", """{"group":"","kind":"Service","name":"shop"}""", false)]
    public void An_answer_counts_for_the_parent_that_it_names(string parent, string answered, bool same) =>
        Assert.That(Judge(parent, (answered, "Accepted=True@3 ResolvedRefs=True@3")) is RouteAcceptance.Accepted, Is.EqualTo(same));

    [TestCase("Accepted=True@3 ResolvedRefs=True@3", "Accepted=True@2 ResolvedRefs=True@2", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@2 ResolvedRefs=True@2", "Accepted=True@3 ResolvedRefs=True@3", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@3 ResolvedRefs=True@3", "Accepted=False@3 ResolvedRefs=True@3", ExpectedResult = "Refused")]
    [TestCase("Accepted=True@2 ResolvedRefs=True@2", "", ExpectedResult = "Pending")]
    public string Two_controllers_of_one_parent(string first, string second) =>
        Judge(Public, (Public, first), (Public, second)).GetType().Name;

    [TestCase("Accepted=True@3 ResolvedRefs=True@3", ExpectedResult = "Accepted")]
    [TestCase("Accepted=True@2 ResolvedRefs=True@3", ExpectedResult = "Pending")]
    [TestCase("Accepted=False@3 ResolvedRefs=True@3", ExpectedResult = "Refused")]
    public string Every_parent_has_to_accept(string second)
    {
        const string mesh = """{"group":"","kind":"Service","name":"shop"}""";
        return Judge($"{Public},{mesh}", (mesh, second), (Public, "Accepted=True@3 ResolvedRefs=True@3")).GetType().Name;
    }

    [Test]
    public void Messages_name_the_parent_the_condition_and_the_reason()
    {
        const string section = """{"name":"public","namespace":"infra","sectionName":"https"}""";

        Assert.Multiple(() =>
        {
            Assert.That(Judge(section, (section, "Accepted=True@3 ResolvedRefs=False@3/BackendNotFound")), Is.EqualTo(new RouteAcceptance.Refused(
                "HTTPRoute default/shop at Gateway infra/public, section https: example.com/0 says ResolvedRefs=False, BackendNotFound: as told")));
            Assert.That(Judge(Public), Is.EqualTo(new RouteAcceptance.Pending(
                "HTTPRoute default/shop at Gateway default/public: no controller has answered yet.")));
            Assert.That(Judge(Public, (Public, "Accepted=True@2")), Is.EqualTo(new RouteAcceptance.Pending(
                "HTTPRoute default/shop at Gateway default/public: example.com/0 has set Accepted for generation 2, not yet for 3.")));
            Assert.That(Judge(""), Is.EqualTo(new RouteAcceptance.Refused(
                "HTTPRoute default/shop has no spec.parentRefs, so no gateway takes it up: name the Gateway there.")));
        });
    }

    [Test]
    public void A_route_without_status_is_pending() =>
        Assert.That(RouteAcceptance.Of(Routes.Read(Routes.Json("shop 1"))), Is.InstanceOf<RouteAcceptance.Pending>());
}
