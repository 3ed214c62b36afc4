using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Tests.Rehearsal.Schemas.Cel;

/// <summary>Expressions and their values by the CEL language definition; an error is written as <c>error: text</c>.</summary>
internal sealed class CelTests
{
    private const string Self = """
        {"name": "shop", "port": 8080, "share": 0.5, "on": true, "nothing": null, "tags": ["a", "b", "c"], "none": [],
         "labels": {"app": "shop", "tier": "web"}, "steps": [{"weight": 5}, {"weight": 25}, {"weight": 100}]}
        """;

    // Literals.
    [TestCase("1", "1")]
    [TestCase("-9223372036854775808", "-9223372036854775808")]
    [TestCase("0x1F", "31")]
    [TestCase("1.5e3", "1500")]
    [TestCase(".5", "0.5")]
    [TestCase("'it\\'s' + \"\\\"\" + '\\u00e9\\x41\\101\\n'", "it's\"éAA\n")]
    [TestCase("r'\\d'", "\\d")]
    [TestCase("'''a'b''' + \"\"\"c\"d\"\"\"", "a'bc\"d")]
    [TestCase("[1, 2,] == [1, 2]", "true")]
    [TestCase("{'a': 1, 'b': 2,}['b']", "2")]
    [TestCase("{'a': 1, 'a': 2}", "error: Failed with repeated key: a")]
    [TestCase("1 // the rest is not read", "1")]
    // Precedence and association.
    [TestCase("1 + 2 * 3", "7")]
    [TestCase("(1 + 2) * 3", "9")]
    [TestCase("10 - 3 - 2", "5")]
    [TestCase("-2 * -3", "6")]
    [TestCase("!false && false || true", "true")]
    [TestCase("1 < 2 == true", "true")]
    [TestCase("false ? 1 : true ? 2 : 3", "2")]
    [TestCase("2 in [1, 2] && !(3 in [1, 2])", "true")]
    // Whole numbers.
    [TestCase("7 / 2", "3")]
    [TestCase("-7 / 2", "-3")]
    [TestCase("-7 % 3", "-1")]
    [TestCase("1 / 0", "error: division by zero")]
    [TestCase("1 % 0", "error: modulus by zero")]
    [TestCase("9223372036854775807 + 1", "error: integer overflow")]
    [TestCase("-9223372036854775808 - 1", "error: integer overflow")]
    [TestCase("-(-9223372036854775808)", "error: integer overflow")]
    [TestCase("9223372036854775807 * 2", "error: integer overflow")]
    [TestCase("-9223372036854775808 / -1", "error: integer overflow")]
    // Floating numbers.
    [TestCase("7.0 / 2.0", "3.5")]
    [TestCase("1.0 / 0.0", "+Inf")]
    [TestCase("0.0 / 0.0 == 0.0 / 0.0", "false")]
    [TestCase("0.0 / 0.0 < 1.0", "false")]
    [TestCase("1 + 1.0", "error: no such overload")]
    [TestCase("1 == 1.0 && 2 > 1.5 && 1.5 < 2", "true")]
    [TestCase("9007199254740993 > 9007199254740992.0", "true")]
    // Equality and order.
    [TestCase("'1' == 1", "false")]
    [TestCase("null == self.nothing", "true")]
    [TestCase("[1, [2]] == [1.0, [2.0]]", "true")]
    [TestCase("{'a': [1]} == {'a': [1]}", "true")]
    [TestCase("'a' < 'b' && 'B' < 'a' && 'a' < 'aa'", "true")]
    [TestCase("'\\uffff' < '\\U0001F600'", "true")]
    [TestCase("false < true", "true")]
    [TestCase("'a' < 1", "error: no such overload")]
    // Fields, items and keys.
    [TestCase("self.labels.app", "shop")]
    [TestCase("self.labels['tier']", "web")]
    [TestCase("self.tags[1]", "b")]
    [TestCase("self.tags[3]", "error: index out of bounds: 3")]
    [TestCase("self.tags[-1]", "error: index out of bounds: -1")]
    [TestCase("self.missing", "error: no such key: missing")]
    [TestCase("self.name.x", "error: no such overload")]
    [TestCase("has(self.name) && !has(self.missing)", "true")]
    [TestCase("has(self.missing.x)", "error: no such key: missing")]
    [TestCase("'app' in self.labels && !('x' in self.labels)", "true")]
    [TestCase("self.port + 1", "8081")]
    // An error that does not decide is forgotten, whichever side it is on.
    [TestCase("false && 1 / 0 > 0", "false")]
    [TestCase("1 / 0 > 0 && false", "false")]
    [TestCase("1 / 0 > 0 || true", "true")]
    [TestCase("1 / 0 > 0 && true", "error: division by zero")]
    [TestCase("false || 1 / 0 > 0", "error: division by zero")]
    [TestCase("'a' && true", "error: no such overload")]
    [TestCase("'a' && false", "false")]
    [TestCase("1 / 0 > 0 ? 1 : 2", "error: division by zero")]
    [TestCase("true ? 1 : 1 / 0", "1")]
    [TestCase("1 ? 2 : 3", "error: no such overload")]
    // Macros.
    [TestCase("self.steps.all(s, s.weight > 0)", "true")]
    [TestCase("[].all(x, false)", "true")]
    [TestCase("[1, 0, 2].all(x, 4 / x > 3)", "false")]
    [TestCase("[1, 0].all(x, 4 / x > 3)", "error: division by zero")]
    [TestCase("[0, 1].exists(x, 4 / x == 4)", "true")]
    [TestCase("[0, 1].exists(x, 4 / x == 3)", "error: division by zero")]
    [TestCase("[1, 2, 2].exists_one(x, x == 1)", "true")]
    [TestCase("[1, 2, 2].exists_one(x, x == 2)", "false")]
    [TestCase("[0, 1].exists_one(x, 4 / x == 4)", "error: division by zero")]
    [TestCase("self.steps.map(s, s.weight) == [5, 25, 100]", "true")]
    [TestCase("[1, 2, 3].map(x, x > 1, x * 10) == [20, 30]", "true")]
    [TestCase("[1, 2, 3].filter(x, x != 2) == [1, 3]", "true")]
    [TestCase("self.labels.map(key, key).isSorted()", "true")]
    [TestCase("self.labels.all(key, self.labels[key].size() > 2)", "true")]
    [TestCase("[1].map(x, [2].map(y, x + y)[0])[0]", "3")]
    [TestCase("[1].map(self, self + 1)[0]", "2")]
    [TestCase("1.all(x, true)", "error: no such overload")]
    // Strings.
    [TestCase("size('héllo😀') == 6 && 'abc'.size() == 3", "true")]
    [TestCase("'shop'.startsWith('sh') && 'shop'.endsWith('op') && 'shop'.contains('ho')", "true")]
    [TestCase("'a-b-c'.replace('-', '+')", "a+b+c")]
    [TestCase("'ab'.replace('', '-')", "-a-b-")]
    [TestCase("'a,b,,c'.split(',') == ['a', 'b', '', 'c']", "true")]
    [TestCase("'héé'.split('').size()", "3")]
    [TestCase("'ÀB'.lowerAscii() + 'àb'.upperAscii()", "ÀbàB")]
    [TestCase("'tacocat'.substring(1, 4) + 'abc'.substring(2)", "acoc")]
    [TestCase("'abc'.substring(4)", "error: index out of range: 4")]
    [TestCase("'abc'.charAt(3) + 'abc'.charAt(0)", "a")]
    [TestCase("['a', 'b'].join('-') + ['x'].join()", "a-bx")]
    [TestCase("['', 'b'].join('-')", "-b")]
    [TestCase("'a.b.c'.indexOf('.') + 'a.b.c'.lastIndexOf('.') + 'abc'.indexOf('z')", "3")]
    [TestCase("'shop'.matches('^[a-z]+$') && !'shop\\n'.matches('^[a-z]+$')", "true")]
    [TestCase("matches('a1', '[0-9]')", "true")]
    [TestCase("'٣'.matches('\\\\d')", "false")]
    [TestCase("'x'.matches(self.tags[0] + '[')", "error: error parsing regexp: missing closing ]: `a[`")]
    // Lists.
    [TestCase("[1, 2, 2].isSorted() && ![2, 1].isSorted() && [].isSorted()", "true")]
    [TestCase("[1, 2, 3].sum() == 6 && [].sum() == 0 && [0.5, 1.0].sum() == 1.5", "true")]
    [TestCase("[3, 1, 2].min() == 1 && [3, 1, 2].max() == 3", "true")]
    [TestCase("[].max()", "error: max called on empty list")]
    [TestCase("[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(2) == -1", "true")]
    [TestCase("[1] + [2] == [1, 2]", "true")]
    // Types and conversions.
    [TestCase("type(1) == int && type(1.0) == double && type('') == string && type(true) == bool && type([]) == list && type({}) == map", "true")]
    [TestCase("type(null) == null_type && type(int) == type", "true")]
    [TestCase("int('42') + int(3.9) + int(-3.9)", "42")]
    [TestCase("int('x')", "error: type conversion error from 'string' to 'int'")]
    [TestCase("int(1e19)", "error: integer overflow")]
    [TestCase("double('0.5') + double(1)", "1.5")]
    [TestCase("double('x')", "error: type conversion error from 'string' to 'double'")]
    [TestCase("string(8080) + string(true) + string(0.25) + string(1e7) + string(duration('90s'))", "8080true0.251e+0790s")]
    [TestCase("bool('true') && !bool('0')", "true")]
    [TestCase("bool('yes')", "error: type conversion error from 'string' to 'bool'")]
    [TestCase("dyn(1) == 1", "true")]
    // Durations and moments.
    [TestCase("duration('1h30m') == duration('5400s') && duration('1.5s') == duration('1500ms')", "true")]
    [TestCase("duration('1d')", "error: type conversion error from 'string' to 'google.protobuf.Duration'")]
    [TestCase("duration('')", "error: type conversion error from 'string' to 'google.protobuf.Duration'")]
    [TestCase("duration('-1s') < duration('0')", "true")]
    [TestCase("duration('90m').getHours() + duration('90m').getMinutes() + duration('1500ms').getMilliseconds()", "591")]
    [TestCase("timestamp('2026-01-02T03:04:05Z') + duration('1h') == timestamp('2026-01-02T05:04:05+01:00')", "true")]
    [TestCase("timestamp('2026-01-02T03:04:05Z') - timestamp('2026-01-02T03:04:00Z') == duration('5s')", "true")]
    [TestCase("string(timestamp('2026-01-02T03:04:05.5Z')) + string(int(timestamp('1970-01-01T00:01:00Z')))", "2026-01-02T03:04:05.5Z60")]
    [TestCase("timestamp('yesterday')", "error: invalid RFC 3339 timestamp \"yesterday\"")]
    public void Value(string expression, string expected) => Assert.That(Evaluate(expression), Is.EqualTo(expected));

    [TestCase("self.name.size( > 3", 16, "a value is missing before '>'")]
    [TestCase("self.name == 'open", 13, "the string does not end")]
    [TestCase("self.name.reverse() == ''", 10, "there is no function reverse")]
    [TestCase("size(self.name, 2) > 1", 0, "there is no function size")]
    [TestCase("lowerAscii('A')", 0, "there is no function lowerAscii")]
    [TestCase("other == 1", 0, "there is no variable 'other'")]
    [TestCase("[1].all(x, x > 0) && x == 1", 21, "there is no variable 'x'")]
    [TestCase("self.name = 1", 10, "'=' is no operator")]
    [TestCase("1u == 1", 0, "unsigned numbers")]
    [TestCase("b'a' == b'a'", 0, "bytes")]
    [TestCase("self.?name", 5, "optional fields")]
    [TestCase("Quantity{value: 1}", 0, "there is no variable 'Quantity'")]
    [TestCase("self.a{b: 1}", 6, "messages")]
    [TestCase("has(self)", 0, "has takes one field")]
    [TestCase("has(self['name'])", 0, "has takes one field")]
    [TestCase("self.tags.all(x)", 15, "',' is missing before ')'")]
    [TestCase("self.tags.all(x, true, true)", 10, "all does not take 3 arguments")]
    [TestCase("self.name.matches('(?!x)')", 10, "is not supported")]
    [TestCase("self.name.matches('[')", 10, "missing closing ]")]
    [TestCase("9223372036854775808 > 1", 0, "more than 64 bits")]
    [TestCase("'\\q' == ''", 1, "no escape")]
    [TestCase("true true", 5, "'true' does not belong here")]
    [TestCase("true ? 1", 8, "':' is missing before the end")]
    [TestCase("", 0, "a value is missing before the end")]
    [TestCase("while == 1", 0, "reserved word")]
    public void Mistake_is_found_when_the_rule_is_read(string expression, int position, string problem)
    {
        var mistake = Assert.Throws<CelSyntaxException>(() => new CelProgram(expression, ["self"]));
        Assert.That(mistake!.Message, Does.Contain(problem).And.Contain($"column {position + 1} of"));
    }

    [Test]
    public void Program_tells_the_variables_that_it_uses()
    {
        var program = new CelProgram("self.all(x, x in oldSelf)", ["self", "oldSelf", "other"]);
        Assert.That(program.Uses, Is.EquivalentTo(["self", "oldSelf"]));
        Assert.That(new CelProgram("self.map(oldSelf, 1) == []", ["self", "oldSelf"]).Uses, Is.EquivalentTo(["self"]));
    }

    internal static string Evaluate(string expression, string self = Self) =>
        new CelProgram(expression, ["self"]).Evaluate(new("self", CelJson.Value(JsonNode.Parse(self), SchemaNode.Unknown))) switch
        {
            CelError error => $"error: {error.Message}",
            var value => CelText.Of(value),
        };
}
