using NUnit.Framework;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Tests.Analysis.Metrics;

public sealed class QueryTemplateTests
{
    private static readonly ArmIdentity Arm = new("prod", "shop-canary", "7c9d8b6f54", ArmIdentity.PodsOf("shop.v2-7c9d8b6f54"));

    [TestCase("1 + 2", "1 + 2")]
    [TestCase("""sum(m{pod=~"$pods"}) / 3""", """sum(m{pod=~"shop\\.v2-7c9d8b6f54-[a-z0-9]{5}"}) / 3""")]
    [TestCase("""sum(m{pod=~'$pods'})""", """sum(m{pod=~'shop\\.v2-7c9d8b6f54-[a-z0-9]{5}'})""")]
    [TestCase("sum(m{pod=~`$pods`})", """sum(m{pod=~`shop\.v2-7c9d8b6f54-[a-z0-9]{5}`})""")]
    [TestCase("""m{a="\"$service\"",b="it's $namespace"}""", """m{a="\"shop-canary\"",b="it's prod"}""")]
    [TestCase("""label_replace(m, "a", "$1-${b}", "c", "(.*)$")""", """label_replace(m, "a", "$1-${b}", "c", "(.*)$")""")]
    [TestCase("""m{a="\\",b="$revision"}""", """m{a="\\",b="7c9d8b6f54"}""")]
    [TestCase("m{a=`\\`,b='$revision'}", "m{a=`\\`,b='7c9d8b6f54'}")]
    [TestCase("""m{a="#"}""", """m{a="#"}""")]
    public void Fills_in_within_quotes_alone(string text, string expected) =>
        Assert.That(QueryTemplate.Parse(text).Render(Arm), Is.EqualTo(expected));

    [TestCase("m{pod=~$pods}", """character 8: a variable stands within quotes: write "$pods" """)]
    [TestCase("""m{a="\\" + $pods""", "a variable stands within quotes")]
    [TestCase("""m{a="$pod"}""", "there is no variable $pod: the variables are $namespace, $service, $revision, $pods and $addresses")]
    [TestCase("""m{a="b}""", "a quote is not closed")]
    [TestCase("m # \"", "character 3: comments are not allowed")]
    public void Refuses_what_cannot_be_filled_in_safely(string text, string expected) =>
        Assert.That(() => QueryTemplate.Parse(text), Throws.TypeOf<SelectorException>().With.Message.Contains(expected.TrimEnd()));

    [Test]
    public void Refuses_the_Service_where_both_versions_are_behind_it() =>
        Assert.That(
            () => QueryTemplate.Parse("""m{a="$service"}""").Render(new ArmIdentity("prod", null, "new", "p")),
            Throws.TypeOf<SelectorException>().With.Message.Contains("use $pods or $revision"));

    [Test]
    public void Refuses_more_than_fits() => Assert.That(() => QueryTemplate.Parse(new string('1', 1025)), Throws.TypeOf<SelectorException>());
}
