using System.Globalization;
using RolloutController.Benchmarks;
using RolloutController.Benchmarks.Soak;
using RolloutController.Tests.Cluster;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var minutes = args.FirstOrDefault(argument => argument.StartsWith("--minutes=", StringComparison.Ordinal))?["--minutes=".Length..] ?? "20";
if (args.Where(argument => !argument.StartsWith("--minutes=", StringComparison.Ordinal)).Except(["--short", "--rehearsals", "--judgement", "--soak", "--real"]).Any()
    || !double.TryParse(minutes, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var duration) || duration <= 0)
{
    await Console.Error.WriteLineAsync("usage: dotnet run -c Release --project src/RolloutController.Benchmarks [-- [--rehearsals | --judgement | --soak [--real [--minutes=20]]] [--short]]");
    return 2;
}
var scale = args.Contains("--short") ? BenchmarkScale.Short : BenchmarkScale.Full;
var table = new ResultTable();
if (args.Contains("--judgement"))
{
    Console.WriteLine(JudgementBenchmark.Run(scale.Judgements));
    return 0;
}
if (args.Contains("--soak"))
{
    var isFlat = args.Contains("--real") ? await SoakBenchmark.RunRealAsync(TimeSpan.FromMinutes(duration), table, CancellationToken.None) : SoakBenchmark.RunVirtual(scale.Soak, table);
    Console.WriteLine(table);
    return isFlat ? 0 : 1;
}
RehearsalBenchmark.Run(scale, table);
if (args.Contains("--rehearsals"))
{
    Console.WriteLine(table);
    return 0;
}
if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)))
{
    await Console.Error.WriteLineAsync(
        $"{ClusterApi.KubeconfigVariable} is not set: name the kubeconfig of a test cluster with the CRDs of crds/ and of Gateway API (never of a real cluster: its kubelet is played).");
    return 2;
}
if (ChildProcess.Find("prometheus") is null)
{
    await Console.Error.WriteLineAsync("prometheus is not on PATH: install it.");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
await using var bed = await BenchmarkBed.StartAsync(stop.Token);
await StartBenchmark.RunAsync(bed, scale, table, stop.Token);
await RollbackBenchmark.RunAsync(bed, scale, table, stop.Token);
await RolloutRequestsBenchmark.RunAsync(bed, table, stop.Token);
await RestRequestsBenchmark.RunAsync(bed, scale, table, stop.Token);
Console.WriteLine(table);
return 0;
