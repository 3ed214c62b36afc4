using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Tests.Control;

internal sealed class PodDiagnosisTests
{
    /// <summary>Half of a surrogate pair would be stored as another character, and the status written again and again.</summary>
    [Test]
    public void What_others_say_is_cut_between_characters([Range(0, 1)] int offset)
    {
        var said = new string('x', offset) + string.Concat(Enumerable.Repeat("😀", 200));
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Name = "shop-1" },
            Status = new PodStatus { Conditions = [new PodCondition { Type = "PodScheduled", Status = "False", Message = said }] },
        };

        var trouble = PodDiagnosis.Worst([pod])!;

        Assert.That(trouble.Kind, Is.EqualTo(PodTroubleKind.Unschedulable));
        Assert.That(trouble.Message, Does.StartWith("pod shop-1 cannot be scheduled (").And.EndsWith("😀…").And.Length.InRange(199, 200));
    }
}
