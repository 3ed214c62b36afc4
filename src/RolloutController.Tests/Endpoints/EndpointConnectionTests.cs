using System.Net.Sockets;
using NUnit.Framework;
using Polly.CircuitBreaker;
using Polly.Timeout;
using RolloutController.Endpoints;

namespace RolloutController.Tests.Endpoints;

internal sealed class EndpointConnectionTests
{
    [TestCase(HttpRequestError.NameResolutionError, SocketError.HostNotFound, "cannot be reached: its name does not resolve")]
    [TestCase(HttpRequestError.ConnectionError, SocketError.TryAgain, "cannot be reached: its name does not resolve", TestName = "No_name_server_answers")]
    [TestCase(HttpRequestError.ConnectionError, SocketError.ConnectionRefused, "cannot be reached, or broke the connection off")]
    public void Says_whether_it_is_the_name_that_leads_nowhere(HttpRequestError error, SocketError cause, string explanation)
    {
        var failed = new HttpRequestException(error, "a message that may quote anything", new SocketException((int)cause));

        Assert.That(EndpointConnection.Explain(failed), Is.EqualTo(explanation));
        Assert.That(EndpointConnection.Explain(new BrokenCircuitException("paused", failed)), Is.EqualTo($"{explanation}; it failed too often lately and is left alone for half a minute"));
    }

    [Test]
    public void Says_of_what_is_left_alone_what_went_wrong_last()
    {
        Assert.That(EndpointConnection.Explain(new BrokenCircuitException("paused", new TimeoutRejectedException())), Does.StartWith("did not answer in time; it failed"));
        Assert.That(EndpointConnection.Explain(new BrokenCircuitException("paused")), Is.EqualTo("failed too often lately and is left alone for half a minute"), "after answers that were none");
    }
}
