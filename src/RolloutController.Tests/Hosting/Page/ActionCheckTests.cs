using System.Net;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Hosting.Page;

namespace RolloutController.Tests.Hosting.Page;

internal sealed class ActionCheckTests
{
    [TestCase("localhost:8080")]
    [TestCase("127.0.0.1:8080")]
    [TestCase("[::1]:8080")]
    [TestCase("10.0.0.7:8080")]
    public void The_page_itself_passes(string host) => Assert.That(Refuse(host: host, origin: $"http://{host}", site: "same-origin"), Is.Null);

    [Test]
    public void A_script_without_a_browser_passes() => Assert.That(Refuse(), Is.Null);

    [TestCase("evil.example:8080")]
    [TestCase("localhost.evil.example:8080")]
    [TestCase("10.0.0.8:8080")]
    public void A_name_that_is_not_ours_is_refused(string host) => Assert.That(Refuse(host: host), Is.EqualTo(403));

    [Test]
    public void Behind_a_proxy_that_ends_TLS_the_page_is_itself() => Assert.That(Refuse(origin: "https://localhost:8080", site: "same-origin"), Is.Null);

    [Test]
    public void Any_name_is_ours_where_each_request_proves_whose_it_is()
    {
        Assert.That(Refuse(host: "rollouts.example", origin: "https://rollouts.example", isNameKnown: false), Is.Null);
        Assert.That(Refuse(host: "rollouts.example", origin: "https://evil.example", isNameKnown: false), Is.EqualTo(403));
        Assert.That(Refuse(host: "rollouts.example", site: "cross-site", isNameKnown: false), Is.EqualTo(403));
        Assert.That(Refuse(host: "rollouts.example", header: false, isNameKnown: false), Is.EqualTo(403));
    }

    [TestCase("http://evil.example")]
    [TestCase("http://localhost:9090")]
    [TestCase("ftp://localhost:8080")]
    [TestCase("null")]
    public void Another_origin_is_refused(string origin) => Assert.That(Refuse(origin: origin), Is.EqualTo(403));

    [TestCase("cross-site")]
    [TestCase("same-site")]
    [TestCase("none")]
    public void A_browser_on_another_site_is_refused(string site) => Assert.That(Refuse(site: site), Is.EqualTo(403));

    [Test]
    public void What_a_form_can_send_is_refused()
    {
        Assert.That(Refuse(header: false), Is.EqualTo(403));
        Assert.That(Refuse(type: "text/plain"), Is.EqualTo(415));
        Assert.That(Refuse(type: "application/x-www-form-urlencoded"), Is.EqualTo(415));
    }

    [Test]
    public void A_long_body_is_refused() => Assert.That(Refuse(length: ActionCheck.MaxBody + 1), Is.EqualTo(413));

    private static int? Refuse(string host = "localhost:8080", string? origin = null, string? site = null, bool header = true, string type = "application/json", long length = 2, bool isNameKnown = true)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = "http";
        request.Host = new HostString(host);
        request.ContentType = type;
        request.ContentLength = length;
        if (origin is not null)
            request.Headers.Origin = origin;
        if (site is not null)
            request.Headers["Sec-Fetch-Site"] = site;
        if (header)
            request.Headers[ActionCheck.Header] = "1";
        return ActionCheck.Refuse(request, isNameKnown ? IPAddress.Parse("10.0.0.7") : null)?.Status;
    }
}
