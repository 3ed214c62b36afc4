using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RolloutHistoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 15, 0, TimeSpan.Zero);

    private readonly Shop _shop = new(Now);

    [Test]
    public void A_good_version_leaves_its_steps()
    {
        Assert.That(Told(_shop.Healthy(), _shop.Raising(0), _shop.Judging(0, 10, 0), _shop.Judging(0, 1600, 2), _shop.Raising(1), _shop.Judging(1, 9, 0), _shop.Waiting(), _shop.Promoting(), _shop.Healthy(Shop.New)), Is.EqualTo(new[]
        {
            $"Started {Shop.New} sets out to replace {Shop.Old}",
            $"WeightSet {Shop.New} carries 5 % of the traffic",
            "Passed 5 % passed: 1,600 requests, 2 failed",
            $"WeightSet {Shop.New} carries 25 % of the traffic",
            "Passed 25 % passed: 9 requests, 0 failed",
            $"WeightSet {Shop.New} carries 50 % of the traffic",
            $"Paused {_shop.Waiting().Status.Message}",
            "Passed 50 % passed: 8,798 requests, 3 failed",
            $"Promoted {Shop.New} passed every step and is promoted",
            $"Deployed {Shop.New} is stable; nothing is left of the rollout",
        }));
    }

    [Test]
    public void A_bad_version_leaves_why_it_went() => Assert.That(Told(_shop.Judging(1, 288, 23), _shop.RollingBack(), _shop.RolledBack()), Is.EqualTo(new[]
    {
        $"RollingBack {Shop.New} is rolled back: at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains",
        $"RolledBack {Shop.Old} has all the traffic again",
    }));

    [Test]
    public void What_holds_it_up_is_told_once_and_again_when_it_is_over()
    {
        var down = _shop.Judging(0, 10, 0, "ProviderError", "ProviderError", "Prometheus does not answer");

        Assert.That(Told(_shop.Judging(0, 10, 0), down, down, _shop.Judging(0, 20, 0)), Is.EqualTo(new[]
        {
            "Waiting 5 %: Prometheus does not answer",
            "Resumed the metrics can be judged again",
        }));
    }

    [Test]
    public void That_nobody_has_looked_yet_holds_nothing_up()
    {
        var unseen = _shop.Judging(0, 0, 0, "NoData", "NoData", "no look at the metrics yet");
        unseen = unseen with { Status = unseen.Status with { Evidence = unseen.Status.Evidence! with { SampledAt = null } } };
        var none = _shop.Judging(0, 0, 0, "NoData", "NoData", "there is no request yet");

        Assert.That(Told(_shop.Judging(0, 10, 0), unseen, _shop.Judging(0, 10, 0)), Is.Empty);
        Assert.That(Told(unseen, none, _shop.Judging(0, 10, 0)), Is.EqualTo(new[] { "Waiting 5 %: there is no request yet", "Resumed the metrics can be judged again" }));
    }

    [Test]
    public void What_cannot_be_carried_out_says_so() =>
        Assert.That(Told(_shop.Healthy(), _shop.Invalid(), _shop.Invalid()), Is.EqualTo(new[] { $"Invalid {_shop.Invalid().Status.Message}" }));

    [Test]
    public void An_operation_is_told_with_its_outcome()
    {
        var asked = _shop.Judging(1, 10, 0);
        var refused = asked with { Status = asked.Status with { Operation = new OperationResult { Id = "1", Verb = OperationVerb.Promote, Outcome = OperationOutcome.Refused, Message = "not waiting", Time = Now } } };

        Assert.That(Told(asked, refused, refused), Is.EqualTo(new[] { "Operation Promote refused: not waiting" }));
    }

    [Test]
    public void What_the_status_remembers_is_told_of_a_Rollout_that_was_not_known() => Assert.That(
        RolloutHistory.Between(null, _shop.RolledBack(), Now.AddHours(1)).Single(), Has.Property("Kind").EqualTo(HistoryKind.RollingBack).And.Property("Time").EqualTo(Now));

    [Test]
    public void A_book_keeps_the_newest_of_many_entries()
    {
        var book = new HistoryBook();
        for (var round = 0; round < HistoryBook.MaxEntries; round++)
        {
            book.Add(new Change<RolloutObject>(_shop.Healthy(), _shop.Invalid()), Now.AddMinutes(round));
            book.Add(new Change<RolloutObject>(_shop.Invalid(), _shop.Healthy()), Now.AddMinutes(round));
            book.Add(new Change<RolloutObject>(_shop.Healthy(), _shop.Raising(0)), Now.AddMinutes(round));
        }

        var (entries, _) = book.Read(_shop.Key);
        Assert.That(entries, Has.Count.EqualTo(HistoryBook.MaxEntries));
        Assert.That(entries[0].Time, Is.EqualTo(Now.AddMinutes(HistoryBook.MaxEntries - 1)));
    }

    [Test]
    public void A_book_keeps_the_weights_of_a_long_rollout()
    {
        var book = new HistoryBook();
        book.Add(new Change<RolloutObject>(_shop.Healthy(), _shop.Judging(0, 0, 0)), Now);
        for (var look = 1; look < 5 * HistoryBook.MaxPoints; look++)
            book.Add(new Change<RolloutObject>(_shop.Judging(0, look, 0), _shop.Judging(look < 20 ? 0 : 1, look + 1, 0)), Now.AddSeconds(look));

        var (_, points) = book.Read(_shop.Key);
        Assert.That(points, Has.Count.LessThanOrEqualTo(HistoryBook.MaxPoints));
        Assert.That(points.Select(point => point.Time), Is.Ordered);
        Assert.That(points[0], Is.EqualTo(new SeriesPoint(Now, 5, null, 0)));
        Assert.That(points.First(point => point.Weight == 25).Time, Is.EqualTo(Now.AddSeconds(20)));
        Assert.That(points[^1].Requests, Is.EqualTo(5 * HistoryBook.MaxPoints));
    }

    [Test]
    public void A_new_rollout_begins_a_new_series()
    {
        var book = new HistoryBook();
        book.Add(new Change<RolloutObject>(_shop.Judging(0, 10, 0), _shop.Judging(0, 20, 0)), Now);
        book.Add(new Change<RolloutObject>(_shop.Healthy(Shop.New), _shop.Raising(0)), Now.AddMinutes(1));

        Assert.That(book.Read(_shop.Key).Points.Single().Time, Is.EqualTo(Now.AddMinutes(1)));
    }

    [Test]
    public void A_book_forgets_the_Rollouts_without_news_first_and_those_that_are_gone()
    {
        var book = new HistoryBook(capacity: 2);
        foreach (var name in new[] { "a", "b", "a", "c" })
        {
            var shop = new Shop(Now, name);
            book.Add(new Change<RolloutObject>(shop.Healthy(), shop.Invalid()), Now);
        }

        Assert.That(Known(), Is.EqualTo(new[] { "a", "c" }));
        book.Add(new Change<RolloutObject>(new Shop(Now, "a").Invalid(), null), Now);
        Assert.That(Known(), Is.EqualTo(new[] { "c" }));

        IEnumerable<string> Known() => new[] { "a", "b", "c" }.Where(name => book.Read(new ObjectKey("store", name)).Entries.Count > 0);
    }

    private static IEnumerable<string> Told(params RolloutObject[] states) => states.Zip(states.Skip(1))
        .SelectMany(pair => RolloutHistory.Between(pair.First, pair.Second, Now))
        .Select(entry => $"{entry.Kind} {entry.Text}");
}
