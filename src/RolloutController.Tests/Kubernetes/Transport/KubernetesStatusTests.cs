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
    [TestCase("""spec.template: Invalid value: "{\"env\":[{\"value\":\"hunter2""", "spec.template: Invalid value: the object")]
    [TestCase("""spec.template: Invalid value: "{\"env\":[{\"value\":\""", "spec.template: Invalid value: the object")]
    [TestCase("""spec.template: Invalid value: core.PodTemplateSpec{Env:[]core.EnvVar{core.EnvVar{Value:"hunter2""", "spec.template: Invalid value: the object")]
    public void Objects_are_left_out_of_messages(string message, string shown)
    {
        var status = new KubernetesStatus { Message = message, Details = new StatusDetails { Causes = [new StatusDetail { Field = "spec", Message = message }] } };

        var exception = status.ToException(HttpStatusCode.BadRequest, "");

        Assert.That(exception.Message, Is.EqualTo($"{shown} (400)"));
        Assert.That(exception.Causes.Single().Message, Is.EqualTo(shown));
    }

    /// <summary>As large as an answer that is read, and in each a beginning of an object at every few characters, none of which ends.</summary>
    [TestCase("\\\"{", 85_000)]
    [TestCase("Invalid value: x{", 15_000)]
    [TestCase("Invalid value: x.", 15_000)]
    [TestCase(", error found in #1", 13_000)]
    public void A_text_that_is_made_to_be_looked_at_again_and_again_is_read_once(string beginning, int times)
    {
        var status = new KubernetesStatus { Message = string.Concat(Enumerable.Repeat(beginning, times)) };

        Assert.That(status.ToException(HttpStatusCode.BadRequest, "").Message, Has.Length.LessThan(5_000));
    }
}
