using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Faults;

/// <summary>The way of one process to the provider <c>slow</c>, which hangs as long as the bed says so.</summary>
internal sealed class SlowLink(FaultBed bed, ControllerInstance process, HttpMessageHandler prometheus) : DelegatingHandler(prometheus)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        process.IsDead || bed.SlowHangs ? Outside.NeverAsync<HttpResponseMessage>(cancellationToken) : base.SendAsync(request, cancellationToken);
}
