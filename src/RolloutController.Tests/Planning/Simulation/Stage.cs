using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Simulation.LawBrokenException;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>Plays a history and checks every law after every step, and at last that it ends.</summary>
internal sealed class Stage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(100);
    private readonly WorldLaws _laws;
    private readonly SimulatedController _controller;
    private int _operations;

    public Stage(Setting setting)
    {
        World = new World(setting.Seed, setting.Spec, "a");
        _laws = new WorldLaws(World);
        _controller = new SimulatedController(World, _laws);
        Wait(TimeSpan.FromSeconds(30));
        Unless(World.Status.State == new AtRest("a"), "setting", $"the first revision is not deployed: {World.Status.State}");
    }

    public World World { get; }

    /// <summary>What happened so far, for a person.</summary>
    public string Log => _controller.Log;

    /// <summary>Plays a history to its end.</summary>
    /// <returns>The stages and reasons that it came by.</returns>
    /// <exception cref="LawBrokenException">A law did not hold.</exception>
    public static IReadOnlySet<string> Play(History history)
    {
        var stage = new Stage(history.Setting);
        try
        {
            foreach (var (seconds, what) in history.Happenings)
            {
                stage.Wait(TimeSpan.FromSeconds(seconds));
                stage.Perform(what);
            }

            stage.End();
            return stage._controller.Visited;
        }
        catch (LawBrokenException broken)
        {
            throw new LawBrokenException(broken.Message, $"after\n{history}\nwhich went\n{stage.Log}");
        }
    }

    public void Wait(TimeSpan time)
    {
        for (var end = World.Now + time; World.Now < end && !World.IsGone;)
        {
            World.Tick();
            _laws.Check();
            _controller.Run();
        }
    }

    public void Perform(Happening what)
    {
        switch (what)
        {
            case Happening.Applies applies: World.Edit(World.Spec, new TemplateView.Accepted(applies.Revision)); break;
            case Happening.RefusesTemplate: World.Edit(World.Spec, new TemplateView.Refused(new Problem(EventReason.InvalidTemplate, "spec.template", "no containers"))); break;
            case Happening.Scales scales: World.Edit(World.Spec with { Replicas = scales.Replicas }); break;
            case Happening.EditsSteps edits: World.Edit(World.Spec with { Steps = Setting.StepChoices[edits.Choice] }); break;
            case Happening.Pauses pauses: World.Edit(World.Spec with { Paused = pauses.Paused }); break;
            case Happening.Asks asks: Ask(asks.Verb, asks.ForAnother ? "elsewhere" : World.Status.State is InFlight flight ? flight.Canary : World.Asked ?? ""); break;
            case Happening.Undoes undoes: Ask(OperationVerb.Undo, undoes.Revision); break;
            case Happening.Deletes: World.Delete(); break;
            case Happening.Behaves behaves: World.Behaviours[behaves.Revision] = behaves.Behaviour; break;
            case Happening.FailsRequests fails: World.ErrorPercents[fails.Revision] = fails.Percent; break;
            case Happening.LosesPods loses: World.FailPods(loses.Revision, loses.Percent, TimeSpan.FromSeconds(loses.Seconds)); break;
            case Happening.Answers answers: World.Metrics = answers.Class; break;
            case Happening.Meddles meddles: World.Meddle(meddles.Route, meddles.Weight); break;
            case Happening.MeddlesWithServices meddles: World.Meddle(meddles.Canary); break;
            case Happening.LosesStatus: World.LoseStatus(); _laws.Check(); break;
            case Happening.Gateway gateway: World.GatewayIsDown = gateway.Down; break;
            case Happening.Crashes crashes: _controller.CrashAfter = crashes.AfterCalls; break;
            case Happening.LooksBack looks: _controller.RunStale(looks.Lagging, looks.Age); break;
            case Happening.Jumps jumps: World.Now += TimeSpan.FromMinutes(jumps.Minutes); break;
            default: throw new InvalidOperationException($"nobody plays {what}");
        }

        _controller.Run();
    }

    /// <summary>Faults off, time runs on: it has to end, or to wait for a person and say so.</summary>
    public void End()
    {
        (_controller.CrashAfter, World.GatewayIsDown) = (null, false);
        var (end, since) = (World.Now + Patience, World.Now);
        while (World.Now < end && World.Now - since < Quiet && !World.IsGone)
        {
            Wait(World.TickLength);
            if (!HasEnded(World.Status))
                since = World.Now;
        }

        Unless(HasEnded(World.Status), "it ends", $"{World.Status.State} {World.Status.Phase}: {World.Status.Message}");
    }

    private void Ask(OperationVerb verb, string revision) =>
        World.Edit(World.Spec with { Operation = new OperationRequest { Id = $"{++_operations}", Verb = verb, Revision = revision } });

    private bool HasEnded(RolloutStatus status) => World.IsGone || (World.DeletedAt is null && (status.Phase, status.State) switch
    {
        (Phase.Healthy, AtRest rest) => rest.Revision == World.Asked && !World.HasFinalizer,
        (Phase.RolledBack, AtRest rest) => rest.Revision != World.Asked && (status.FailedRevision == World.Asked || status.Undo?.From == World.Asked) && !World.HasFinalizer,
        (Phase.Invalid, _) => World.Template is TemplateView.Refused,
        (Phase.Paused, Progressing step) => World.Spec.Paused || World.Spec.StepAt(step.Weight).Pause,
        (Phase.Paused, AtRest) => World.Spec.Paused || !World.IsOpen,
        (Phase.Progressing, Progressing { Stage: not StepStage.Raising }) when !World.IsOpen && status.Conditions[0].Reason == "OutsideWindow" => true,
        (Phase.Progressing, Deploying first) => World.Behaviour(first.Revision) != PodBehaviour.Good && IsStalled(status),
        (Phase.Progressing, Progressing { Stage: not StepStage.Raising }) => World.Metrics != DataClass.Ok && IsStalled(status),
        (Phase.RollingBack, RollingBack back) => World.Behaviour(back.Stable) != PodBehaviour.Good && IsStalled(status),
        _ => false,
    });

    private static bool IsStalled(RolloutStatus status) => status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True" });
}
