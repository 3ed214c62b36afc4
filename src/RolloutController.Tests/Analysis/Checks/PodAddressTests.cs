using System.Net;
using NUnit.Framework;
using RolloutController.Analysis.Checks;

namespace RolloutController.Tests.Analysis.Checks;

/// <summary>reference/security.md 5.2: a pod's address leads to a pod.</summary>
internal sealed class PodAddressTests
{
    private static readonly IPAddress[] ApiServer = [IPAddress.Parse("10.96.0.1"), IPAddress.Parse("fd00:10:96::1")];

    [TestCase("10.244.1.7")]
    [TestCase("192.168.3.4")]
    [TestCase("172.17.0.2")]
    [TestCase("100.64.0.9", Description = "the pods of some clouds")]
    [TestCase("203.0.113.5")]
    [TestCase("fd00:10:244::7")]
    [TestCase("2001:db8::7")]
    public void Addresses_of_pods_are_taken(string text) => Assert.That(PodAddress.Parse(text, ApiServer), Is.EqualTo(IPAddress.Parse(text)));

    [TestCase("127.0.0.1")]
    [TestCase("127.8.8.8")]
    [TestCase("::1")]
    [TestCase("0.0.0.0")]
    [TestCase("0.1.2.3")]
    [TestCase("::")]
    [TestCase("169.254.169.254", Description = "metadata of AWS, Google Cloud and Azure")]
    [TestCase("169.254.170.2", Description = "credentials of AWS ECS")]
    [TestCase("fd00:ec2::254", Description = "metadata of AWS")]
    [TestCase("168.63.129.16", Description = "the wire server of Azure")]
    [TestCase("100.100.100.200", Description = "metadata of Alibaba Cloud")]
    [TestCase("fe80::1")]
    [TestCase("fe80::1%1")]
    [TestCase("fec0::1")]
    [TestCase("224.0.0.1")]
    [TestCase("ff02::1")]
    [TestCase("240.0.0.1")]
    [TestCase("255.255.255.255")]
    [TestCase("::ffff:127.0.0.1", Description = "IPv4 by way of IPv6")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("::ffff:10.96.0.1")]
    [TestCase("::127.0.0.1")]
    [TestCase("64:ff9b::a9fe:a9fe", Description = "IPv4 by way of NAT64")]
    [TestCase("2002:a9fe:a9fe::1", Description = "IPv4 by way of 6to4")]
    [TestCase("10.96.0.1", Description = "the API server")]
    [TestCase("fd00:10:96::1")]
    [TestCase("2130706433", Description = "127.0.0.1 as a number")]
    [TestCase("0x7f.0.0.1")]
    [TestCase("0177.0.0.1")]
    [TestCase("127.1")]
    [TestCase("10.244.1.7:8080")]
    [TestCase("[fd00::7]")]
    [TestCase("metadata.google.internal")]
    [TestCase("")]
    [TestCase(" 10.244.1.7")]
    public void Others_are_not(string text) => Assert.That(PodAddress.Parse(text, ApiServer), Is.Null);
}
