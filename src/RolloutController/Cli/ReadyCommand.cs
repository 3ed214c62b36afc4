using System.CommandLine;
using RolloutController.Api;
using RolloutController.Cli.Clusters;
using RolloutController.Hosting.Logging;

namespace RolloutController.Cli;

/// <summary>
/// The hidden command <c>ready</c>: whether a controller answers by its Service that it is ready. It is for <c>helm test</c>, because the image has neither a
/// shell nor anything else that sends a request.
/// </summary>
internal static class ReadyCommand
{
    private const int LongestAnswer = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> Address = new("HOST:PORT") { Description = "Where the controller serves its health." };
    private static readonly Option<string> Limit = DurationOption.Create("--timeout", "How long to ask anew where it is not ready. Without: 1m.");

    static ReadyCommand() => Address.Validators.Add(result =>
    {
        if (!TryParse(result.GetValueOrDefault<string>(), out _))
            result.AddError($"{Address.Name} is \"{result.GetValueOrDefault<string>()}\": write a host and a port, such as rollout-controller:8080.");
    });

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("ready", "Asks a controller whether it is ready, until it is. Exits with 1 where it is not within the time.") { Address, Limit };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        var address = parsed.GetValue(Address)!;
        if (!TryParse(address, out var url))
            throw new InvalidOperationException("The command line was checked.");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Patience, MaxResponseContentBufferSize = LongestAnswer };
        var (begin, limit) = (time.GetTimestamp(), GatewayDuration.Parse(parsed.GetValue(Limit) ?? "1m"));
        while (await WhyNotAsync(client, url, cancellationToken) is { } reason)
        {
            if (time.GetElapsedTime(begin) >= limit)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"{address} is not ready: {reason}. Look at the controller's pods and their log: kubectl get pods, kubectl logs.");
                return ExitCodes.Failed;
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
        await parsed.InvocationConfiguration.Output.WriteLineAsync($"{address} is ready");
        return ExitCodes.Done;
    }

    /// <summary>Asks once; null where it is ready.</summary>
    private static async Task<string?> WhyNotAsync(HttpClient client, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            return answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode}, {LogText.Clean((await answer.Content.ReadAsStringAsync(cancellationToken)).Trim())}";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message.TrimEnd('.');
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"there is no answer within {GatewayDuration.Format(Patience)}";
        }
    }

    private static bool TryParse(string? address, out Uri url) =>
        Uri.TryCreate($"http://{address}/readyz", UriKind.Absolute, out url!) && address!.EndsWith($":{url.Port}", StringComparison.Ordinal) && url.AbsolutePath == "/readyz" && url.UserInfo.Length == 0;
}
