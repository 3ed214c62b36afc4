using RolloutController.Planning;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>How the pods of a revision behave from now on.</summary>
internal enum PodBehaviour
{
    /// <summary>They become ready soon and stay so.</summary>
    Good,

    /// <summary>Their readiness probe fails.</summary>
    NeverReady,

    /// <summary>Their containers end again and again.</summary>
    Crashing,
}

/// <summary>A pod: not ready at first.</summary>
internal sealed class SimulatedPod(DateTimeOffset born, TimeSpan startup)
{
    public DateTimeOffset StartsUntil { get; private set; } = born + startup;

    public DateTimeOffset? ReadySince { get; private set; }

    public DateTimeOffset TroubleSince { get; private set; } = born;

    public void Look(DateTimeOffset now, PodBehaviour behaviour)
    {
        if (behaviour != PodBehaviour.Good)
            Fail(now, TimeSpan.Zero);
        else if (now >= StartsUntil)
            ReadySince ??= now;
    }

    public void Fail(DateTimeOffset now, TimeSpan until)
    {
        if (ReadySince is null)
            return;
        (ReadySince, TroubleSince, StartsUntil) = (null, now, now + until);
    }
}

/// <summary>A ReplicaSet, its controller and its pods.</summary>
internal sealed class SimulatedSet(string revision, int replicas, long number)
{
    public string Name => $"shop-{Revision}";

    public string Revision { get; } = revision;

    public long Number { get; } = number;

    public int Replicas { get; set; } = replicas;

    public int Version { get; set; }

    public List<SimulatedPod> Pods { get; } = [];

    public int Ready => Pods.Count(pod => pod.ReadySince is not null);

    /// <summary>Moves the pods one step on; true where somebody who watches would see a change.</summary>
    public bool Tick(DateTimeOffset now, PodBehaviour behaviour, Random random)
    {
        var before = (Pods.Count, Ready);
        if (random.Next(5) > 0)
            Reconcile(now, random);
        foreach (var pod in Pods)
            pod.Look(now, behaviour);
        return before != (Pods.Count, Ready);
    }

    public RevisionSet View(DateTimeOffset now, PodBehaviour behaviour, TimeSpan minReady) => new()
    {
        Name = Name,
        Revision = Revision,
        Number = Number,
        Replicas = Replicas,
        Current = Pods.Count,
        Ready = Ready,
        Available = Pods.Count(pod => pod.ReadySince is { } since && now >= since + minReady),
        Trouble = Pods.Where(pod => pod.ReadySince is null).MinBy(pod => pod.TroubleSince) is { } troubled ? Trouble(troubled, behaviour) : null,
    };

    /// <summary>Like the ReplicaSet controller: pods that are not ready go first, then the youngest.</summary>
    private void Reconcile(DateTimeOffset now, Random random)
    {
        while (Pods.Count < Replicas)
            Pods.Add(new SimulatedPod(now, TimeSpan.FromSeconds(random.Next(1, 6))));
        foreach (var pod in Pods.OrderBy(pod => pod.ReadySince is not null).ThenByDescending(pod => pod.ReadySince).Take(Pods.Count - Replicas).ToList())
            Pods.Remove(pod);
    }

    private PodTrouble Trouble(SimulatedPod pod, PodBehaviour behaviour) => behaviour switch
    {
        PodBehaviour.Crashing => new PodTrouble(PodTroubleKind.CrashLoop, $"a pod of {Revision} crashes", pod.TroubleSince),
        PodBehaviour.NeverReady => new PodTrouble(PodTroubleKind.ProbeFailing, $"the probe of a pod of {Revision} fails", pod.TroubleSince),
        _ => new PodTrouble(PodTroubleKind.Starting, $"a pod of {Revision} starts", pod.TroubleSince),
    };
}
