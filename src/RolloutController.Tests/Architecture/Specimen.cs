using System.Net;
using System.Text;

namespace RolloutController.Tests.Architecture;

/// <summary>Uses one type in each way that <see cref="AssemblyUses"/> has to see. Never run.</summary>
internal sealed class Specimen : MarshalByRefObject, IFormattable
{
    internal Dictionary<string, Cookie[]> Field = [];

    public string ToString(string? format, IFormatProvider? formatProvider) => "";

    internal static void Parameter(Version? version) => _ = version;

    internal static void Constraint<T>()
        where T : ICloneable => _ = typeof(T);

    internal static void Call() => Console.Write(new object());

    internal static IPAddress OtherField() => IPAddress.Loopback;

    internal static IEnumerable<bool> Lambda(IEnumerable<Uri> all) => all.Select(one => one.Host.Length > 0);

    internal static async Task Asynchronous(StringBuilder text)
    {
        await Task.Yield();
        text.Append(' ');
    }

    internal static void Catch(Action action)
    {
        try
        {
            action();
        }
        catch (TimeZoneNotFoundException)
        {
            // Only the name matters.
        }
    }

    internal static object Made() => new Lazy<int>();

    internal static object? TypeArgument() => Activator.CreateInstance<Half>();

    internal static string Local(int number)
    {
        var day = (DayOfWeek)number;
        return day.ToString();
    }
}
