using System.Globalization;
using RolloutController.Benchmarks;
using RolloutController.Benchmarks.Faults;
using RolloutController.Benchmarks.Soak;
using RolloutController.Tests.Cluster;

const string Minutes = "--minutes=";

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
FaultOptions? faults = null;
var minutes = 20.0;
var isUnderstood = args.Contains("--faults")
    ? FaultOptions.TryParse(args, out faults)
    : args.Except(["--short", "--rehearsals", "--judgement", "--soak", "--real"]).All(argument =>
        argument.StartsWith(Minutes, StringComparison.Ordinal) && double.TryParse(argument[Minutes.Length..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out minutes) && minutes > 0);
if (!isUnderstood)
{
    await Console.Error.WriteLineAsync($"usage: dotnet run -c Release --project src/RolloutController.Benchmarks [-- [--rehearsals | --judgement | --soak [--real [{Minutes}20]]] [--short] | {FaultOptions.Usage}]");
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
    var isFlat = args.Contains("--real") ? await SoakBenchmark.RunRealAsync(TimeSpan.FromMinutes(minutes), table, CancellationToken.None) : SoakBenchmark.RunVirtual(scale.Soak, table);
    Console.WriteLine(table);
    return isFlat ? 0 : 1;
}
if (faults is null)
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
foreach (var program in (string[])["prometheus", .. faults is null ? Array.Empty<string>() : ["nginx"]])
{
    if (ChildProcess.Find(program) is null)
    {
        await Console.Error.WriteLineAsync($"{program} is not on PATH: install it.");
        return 2;
    }
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
if (faults is not null)
    return await FaultRun.RunAsync(faults, stop.Token) ? 0 : 1;
await using var bed = await BenchmarkBed.StartAsync(stop.Token);
await StartBenchmark.RunAsync(bed, scale, table, stop.Token);
await RollbackBenchmark.RunAsync(bed, scale, table, stop.Token);
await RolloutRequestsBenchmark.RunAsync(bed, table, stop.Token);
await RestRequestsBenchmark.RunAsync(bed, scale, table, stop.Token);
Console.WriteLine(table);
return 0;
