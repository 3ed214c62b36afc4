using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// The DNS of a cluster, for single processes: every name is an address of loopback. The processes see an <c>/etc/resolv.conf</c> of their own, which takes a
/// mount namespace, and a resolver asks port 53 only; both are to be had inside <c>cluster netns</c>.
/// </summary>
internal sealed class NameServer : IAsyncDisposable
{
    /// <summary>An address of loopback that no resolver of the machine listens on.</summary>
    private const string Address = "127.53.53.53";

    private const int HeaderLength = 12;
    private const int OfIpv4 = 1;

    private readonly ConcurrentDictionary<string, int> _asked = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _socket;
    private readonly Task _serving;
    private readonly string _resolver = Path.GetTempFileName();

    private NameServer(Socket socket)
    {
        _socket = socket;
        // What a resolver waits for: 5 s twice where nobody says.
        File.WriteAllText(_resolver, $"nameserver {Address}\noptions timeout:1 attempts:1\n");
        _serving = ServeAsync();
    }

    /// <summary>Whether it answers; else it takes questions and says nothing, as one does whose packets get lost.</summary>
    public bool Answers { get; set; }

    /// <summary>How often a name was asked for.</summary>
    public int Asked(string name) => _asked.GetValueOrDefault(name);

    /// <summary>Starts one that says nothing yet; ignores the test where none can be started.</summary>
    public static NameServer Start()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(Address), 53));
            return new NameServer(socket);
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            Assert.Ignore($"{Address}:53 is not to be had ({refused.SocketErrorCode}): run the control plane and the tests inside `cluster netns`.");
            throw;
        }
    }

    /// <summary>How a process is started that asks this server.</summary>
    public ProcessStartInfo Around(ProcessStartInfo start) =>
        new("unshare", ["--mount", "sh", "-c", """mount --bind "$0" /etc/resolv.conf && exec "$@" """, _resolver, start.FileName, .. start.ArgumentList]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        File.Delete(_resolver);
    }

    private async Task ServeAsync()
    {
        var packet = new byte[512];
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(packet, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            var (name, type, end) = Question(packet);
            _asked.AddOrUpdate(name, 1, (_, count) => count + 1);
            if (Answers)
                await _socket.SendToAsync(Answer(packet.AsSpan(0, end), type == OfIpv4), received.RemoteEndPoint, _stop.Token);
        }
    }

    /// <summary>The name and the type that are asked for, and where the question ends (RFC 1035, 4.1).</summary>
    private static (string Name, int Type, int End) Question(ReadOnlySpan<byte> packet)
    {
        var labels = new List<string>();
        var at = HeaderLength;
        for (; packet[at] > 0; at += packet[at] + 1)
            labels.Add(Encoding.ASCII.GetString(packet.Slice(at + 1, packet[at])));
        return (string.Join('.', labels), (packet[at + 1] << 8) | packet[at + 2], at + 5);
    }

    /// <summary>127.0.0.1, or that there is no address of this type; for this moment only.</summary>
    private static byte[] Answer(ReadOnlySpan<byte> question, bool isThere)
    {
        byte[] flags = [0x81, 0x80], counts = [0, 1, 0, (byte)(isThere ? 1 : 0), 0, 0, 0, 0];
        byte[] record = isThere ? [0xC0, HeaderLength, 0, OfIpv4, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1] : [];
        return [.. question[..2], .. flags, .. counts, .. question[HeaderLength..], .. record];
    }
}
