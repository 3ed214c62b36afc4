using System.Net;
using System.Text;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

public class PatientHandlerTests
{
    [Test]
    [CancelAfter(20_000)]
    public async Task It_waits_through_all_that_an_API_server_says_while_it_starts(CancellationToken cancellationToken)
    {
        using var starting = new Starting(
            () => throw new HttpRequestException("Connection refused"),
            () => Answer(HttpStatusCode.InternalServerError, "text/plain"),
            () => Answer(HttpStatusCode.NotFound, "text/plain"),
            () => Answer(HttpStatusCode.OK, "application/json"));
        using var client = new HttpMessageInvoker(new PatientHandler(starting));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api/apis/rollouts.dev");

        using var answer = await client.SendAsync(request, cancellationToken);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(starting.Asked, Is.EqualTo(4));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task What_is_not_there_is_an_answer(CancellationToken cancellationToken)
    {
        using var starting = new Starting(() => Answer(HttpStatusCode.NotFound, "application/json"));
        using var client = new HttpMessageInvoker(new PatientHandler(starting));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api/api/v1/pods/none");

        using var answer = await client.SendAsync(request, cancellationToken);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string type) => new(status) { Content = new StringContent("{}", Encoding.UTF8, type) };

    private sealed class Starting(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answers[Asked++]());
    }
}
