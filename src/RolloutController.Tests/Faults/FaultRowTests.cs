using System.Reflection;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace RolloutController.Tests.Faults;

/// <summary>Every row of the catalogue of faults has a test that names it.</summary>
[Category("Faults")]
internal sealed class FaultRowTests
{
    private const int Rows = 50;

    [Test]
    public void Every_row_has_a_test_that_names_it()
    {
        var named = typeof(FaultRowTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(IsTest).SelectMany(method => RowsOf(method, type)))
            .ToList();

        Assert.That(named, Is.All.InRange(1, Rows));
        Assert.That(Enumerable.Range(1, Rows).Except(named), Is.Empty, "rows without a test");
    }

    private static IEnumerable<int> RowsOf(MethodInfo method, Type type) =>
        method.GetCustomAttributes<FaultRowAttribute>().Concat(type.GetCustomAttributes<FaultRowAttribute>()).Select(row => row.Row);

    /// <summary>A method that runs: one that is ignored shows nothing.</summary>
    private static bool IsTest(MethodInfo method) =>
        method.GetCustomAttributes().Any(attribute => attribute is ITestBuilder or ISimpleTestBuilder) && method.GetCustomAttribute<IgnoreAttribute>() is null;
}
