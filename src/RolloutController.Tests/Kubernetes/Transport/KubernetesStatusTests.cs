using System.Net;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Transport;

/// <summary>The API quotes what it refuses, and that may hold a secret.</summary>
public sealed class KubernetesStatusTests
{
    [TestCase("""spec.template: Invalid value: "{\"env\":[{\"value\":\"hunter2\"}]}": no""", """spec.template: Invalid value: the object: no""")]
    [TestCase("""spec.template: Invalid value: core.PodTemplateSpec{Env:[]core.EnvVar{core.EnvVar{Value:"hunter2"}}}: field is immutable""", "spec.template: Invalid value: the object: field is immutable")]
    [TestCase("""EnvVar.Value: ReadString: expects " or n, but found 8, error found in #10 byte of ...|:"hunter2"|..., bigger context ...|"hunter2"}|...""", """EnvVar.Value: ReadString: expects " or n, but found 8""")]
    [TestCase("""spec.x: Invalid value: "a b": write a name""", """spec.x: Invalid value: "a b": write a name""")]
    public void Objects_are_left_out_of_messages(string message, string shown)
    {
        var status = new KubernetesStatus { Message = message, Details = new StatusDetails { Causes = [new StatusDetail { Field = "spec", Message = message }] } };

        var exception = status.ToException(HttpStatusCode.BadRequest, "");

        Assert.That(exception.Message, Is.EqualTo($"{shown} (400)"));
        Assert.That(exception.Causes.Single().Message, Is.EqualTo(shown));
    }
}
