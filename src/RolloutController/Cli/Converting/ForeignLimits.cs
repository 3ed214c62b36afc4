using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RolloutController.Cli.Converting;

/// <summary>Which values are fine, as others write it.</summary>
/// <param name="Below">The lowest; null for none.</param>
/// <param name="Above">The highest; null for none.</param>
internal sealed partial record ForeignLimits(decimal? Below, decimal? Above)
{
    // What the schema takes: 12 digits, and 6 behind the point.
    private const decimal Largest = 999_999_999_999.999999m;

    /// <summary>Whether there being no value is named, too: as fine in a condition of success, as bad in one of failure.</summary>
    public bool NamesNoData { get; private init; }

    /// <summary>Whether a limit itself was not fine, which it is as ours are written.</summary>
    public bool IsStrict { get; private init; }

    /// <summary>The limits as a check writes them.</summary>
    public JsonObject Json()
    {
        var json = new JsonObject();
        if (Above is { } above)
            json["above"] = Number(above);
        if (Below is { } below)
            json["below"] = Number(below);
        return json;
    }

    /// <summary>A range of values; null where there is no limit, or one that cannot be written.</summary>
    public static ForeignLimits? Of(double? min, double? max) =>
        (min ?? max) is null || !IsFit(min) || !IsFit(max) ? null : new((decimal?)min, (decimal?)max);

    /// <summary>
    /// What a condition of success of Argo Rollouts lets through, such as <c>result[0] &gt;= 0.95 &amp;&amp; result[0] &lt;= 2</c>; null where it is no range
    /// of one value.
    /// </summary>
    public static ForeignLimits? OfSuccess(string condition)
    {
        var (others, namesNoData) = Alternatives(condition);
        return others is [var range] && range.Split("&&").Select(Fine).Aggregate((ForeignLimits?)new(null, null), Join) is { } limits ? limits with { NamesNoData = namesNoData } : null;
    }

    /// <summary>What a condition of failure of Argo Rollouts leaves, such as <c>result[0] &gt; 5 || result[0] &lt; 1</c>; null where it leaves no range of one value.</summary>
    public static ForeignLimits? OfFailure(string condition)
    {
        var (others, namesNoData) = Alternatives(condition);
        return others.Length > 0 && others.Select(Bad).Aggregate((ForeignLimits?)new(null, null), Join) is { } limits ? limits with { NamesNoData = namesNoData } : null;
    }

    private static (string[] Others, bool NamesNoData) Alternatives(string condition)
    {
        var all = condition.Split("||").Select(Bare).ToList();
        return ([.. all.Where(one => !NoData().IsMatch(one))], all.Exists(NoData().IsMatch));
    }

    private static ForeignLimits? Fine(string comparison) => Read(comparison) switch
    {
        (">=", var value) => new(value, null),
        (">", var value) => new(value, null) { IsStrict = true },
        ("<=", var value) => new(null, value),
        ("<", var value) => new(null, value) { IsStrict = true },
        ("==", var value) => new(value, value),
        _ => null,
    };

    private static ForeignLimits? Bad(string comparison) => Read(comparison) switch
    {
        ("<", var value) => new(value, null),
        ("<=", var value) => new(value, null) { IsStrict = true },
        (">", var value) => new(null, value),
        (">=", var value) => new(null, value) { IsStrict = true },
        _ => null,
    };

    private static (string Operator, decimal Value)? Read(string comparison)
    {
        var (ahead, behind) = (ValueBehind().Match(Bare(comparison)), ValueAhead().Match(Bare(comparison)));
        if (!ahead.Success && !behind.Success)
            return null;
        var match = ahead.Success ? ahead : behind;
        var value = decimal.Parse(match.Groups["value"].Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return !IsFit((double)value) ? null : (ahead.Success ? match.Groups["is"].Value : Turned(match.Groups["is"].Value), value);
    }

    private static bool IsFit(double? value) => value is null || (Math.Abs(value.Value) <= (double)Largest && Math.Round((decimal)value.Value, 6) == (decimal)value.Value);

    private static string Turned(string comparison) => comparison switch
    {
        ">=" => "<=",
        "<=" => ">=",
        ">" => "<",
        "<" => ">",
        _ => comparison,
    };

    private static ForeignLimits? Join(ForeignLimits? one, ForeignLimits? other) =>
        one is null || other is null || (one.Below ?? other.Below) != (other.Below ?? one.Below) || (one.Above ?? other.Above) != (other.Above ?? one.Above)
            ? null
            : new(one.Below ?? other.Below, one.Above ?? other.Above) { IsStrict = one.IsStrict || other.IsStrict };

    /// <summary>A number as manifests write it: with a fraction as text, which the API wants.</summary>
    private static JsonNode Number(decimal value) => value == Math.Truncate(value) ? (long)value : value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Bare(string text) => text.Trim() is ['(', .. var inner, ')'] && !inner.AsSpan().ContainsAny('(', ')') ? inner.Trim() : text.Trim();

    [GeneratedRegex(@"^result(\[0\])? *(?<is>>=|<=|==|>|<) *(?<value>-?[0-9]{1,12}(\.[0-9]{1,12})?)$")]
    private static partial Regex ValueBehind();

    [GeneratedRegex(@"^(?<value>-?[0-9]{1,12}(\.[0-9]{1,12})?) *(?<is>>=|<=|==|>|<) *result(\[0\])?$")]
    private static partial Regex ValueAhead();

    [GeneratedRegex(@"^(len\(result\) *== *0|isNaN\(result(\[0\])?\))$")]
    private static partial Regex NoData();
}
