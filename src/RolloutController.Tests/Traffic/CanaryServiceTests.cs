using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

internal sealed class CanaryServiceTests
{
    [Test]
    public void It_has_the_users_ports_and_selector_and_selects_the_canary_only()
    {
        var selector = new Dictionary<string, string> { ["app"] = "shop", [ServicePin.Key] = "stable" };
        IReadOnlyList<ServicePort> ports =
            [new() { Name = "http", Protocol = "TCP", AppProtocol = "kubernetes.io/h2c", Port = 80, TargetPort = JsonElement.Parse("\"web\"") }];
        var owner = new JsonObject { ["kind"] = "Rollout", ["name"] = "shop" };

        var service = CanaryService.For("default", CanaryService.NameOf("shop"), selector, ports, "canary", owner);

        Assert.That(service.ToJsonString(), Is.EqualTo(JsonNode.Parse("""
            {
              "apiVersion": "v1",
              "kind": "Service",
              "metadata": {
                "name": "shop-canary",
                "namespace": "default",
                "labels": {"app.kubernetes.io/managed-by": "rollout-controller"},
                "ownerReferences": [{"kind": "Rollout", "name": "shop"}]
              },
              "spec": {
                "type": "ClusterIP",
                "selector": {"app": "shop", "pod-template-hash": "canary"},
                "ports": [{"port": 80, "name": "http", "protocol": "TCP", "appProtocol": "kubernetes.io/h2c", "targetPort": "web"}]
              }
            }
            """)!.ToJsonString()));
        Assert.That(selector[ServicePin.Key], Is.EqualTo("stable"));
    }

    [Test]
    public void The_longest_name_still_fits_a_DNS_label() =>
        Assert.That(CanaryService.NameOf(new string('s', CanaryService.MaxServiceNameLength)), Has.Length.EqualTo(63));

    [Test]
    public void The_pin_is_one_selector_key_that_null_takes_out_again()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ServicePin.Pin("41", "abc").MediaType, Is.EqualTo("application/merge-patch+json"));
            Assert.That(ServicePin.Pin("41", "abc").Body.ToJsonString(), Is.EqualTo(
                """{"metadata":{"resourceVersion":"41"},"spec":{"selector":{"pod-template-hash":"abc"}}}"""));
            Assert.That(ServicePin.Unpin("42").Body.ToJsonString(), Is.EqualTo(
                """{"metadata":{"resourceVersion":"42"},"spec":{"selector":{"pod-template-hash":null}}}"""));
        });
    }
}
