using System.Globalization;
using RolloutController.TestPod;

if (args is not [var address, var version, var failPercent, var drainMilliseconds])
{
    await Console.Error.WriteLineAsync("usage: RolloutController.TestPod ADDRESS:PORT VERSION FAIL-PERCENT DRAIN-MILLISECONDS");
    return 2;
}

var app = new PodApplication(version, double.Parse(failPercent, CultureInfo.InvariantCulture));
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://{address}");
builder.Services.AddHostedService(_ => new Drain(TimeSpan.FromMilliseconds(double.Parse(drainMilliseconds, CultureInfo.InvariantCulture))));
await using var server = builder.Build();
server.Run(app.AnswerAsync);
await server.RunAsync();
return 0;
