using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>No object goes back to an older state, in whatever order list, watch and own writes bring it.</summary>
internal sealed class InformerStoreTests
{
    private const string All = InformerStore<Thing>.AllNamespaces;

    private readonly List<string> _told = [];
    private InformerStore<Thing> _store = null!;

    [SetUp]
    public void SetUp()
    {
        _told.Clear();
        _store = new InformerStore<Thing>(new Dictionary<string, Func<Thing, IEnumerable<string>>>(), change => _told.Add($"{Text(change.Old)}>{Text(change.New)}"));
        _store.Replace(All, new ResourceList<Thing>("10", [Thing.At(5)]));
        _told.Clear();
    }

    [Faults.FaultRow(16, "own writes that the watch has not shown yet")]
    [Test]
    public void OurOwnWriteIsSeenAtOnceAndTold()
    {
        _store.Remember(All, Thing.At(12));
        Assert.That(Version, Is.EqualTo("12"));
        Assert.That(_told, Is.EqualTo(new[] { "1@5>1@12" }));
    }

    [Test]
    public void AnOlderEventDoesNotUndoOurWrite()
    {
        _store.Remember(All, Thing.At(12));
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(11)));
        Assert.That(Version, Is.EqualTo("12"));
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(12)));
        Assert.That(_told, Has.Count.EqualTo(1), "its own event is no news");
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(13)));
        Assert.That(Version, Is.EqualTo("13"));
    }

    [Test]
    public void AWriteThatTheWatchHasPassedBringsNothingBack()
    {
        _store.Apply(All, Event(WatchEventType.Deleted, Thing.At(14)));
        _store.Remember(All, Thing.At(12));
        Assert.That(Version, Is.Null);

        _store.Remember(All, Thing.At(15, uid: "2"));
        Assert.That(Version, Is.EqualTo("15"), "made anew since");
    }

    [Test]
    public void ADeletionFromBeforeOurWriteIsNotOfIt()
    {
        _store.Remember(All, Thing.At(15, uid: "2"));
        _store.Apply(All, Event(WatchEventType.Deleted, Thing.At(14)));
        Assert.That(Version, Is.EqualTo("15"));
    }

    [Test]
    public void AnotherObjectOfTheSameNameIsADeletionAndAnAddition()
    {
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(12, uid: "2")));
        Assert.That(_told, Is.EqualTo(new[] { "1@5>", ">2@12" }));
    }

    [Test]
    public void AListKeepsWhatWasWrittenAfterIt()
    {
        _store.Remember(All, Thing.At(25, name: "b"));
        _store.Remember(All, Thing.At(24));
        _store.Replace(All, new ResourceList<Thing>("20", [Thing.At(19)]));
        Assert.That(Version, Is.EqualTo("24"));
        Assert.That(_store.Count, Is.EqualTo(2));
    }

    [Test]
    public void AListFromBeforeWhatWasSeenIsOfARestoredApiAndRight()
    {
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(30)));
        _store.Replace(All, new ResourceList<Thing>("20", [Thing.At(19)]));
        Assert.That(Version, Is.EqualTo("19"));
        Assert.That(_store.Position(All), Is.EqualTo("20"));
    }

    [Test]
    public void AnEventOfUnknownVersionMovesNothingBack()
    {
        _store.ApplyLive(All, new WatchEvent<Thing>(WatchEventType.Unreadable, "", Thing.Key("a"), null), Thing.At(11));
        Assert.That(_store.Position(All), Is.EqualTo("10"));
        Assert.That(Version, Is.EqualTo("11"));
    }

    [Test]
    public void AHandlerSeesTheStoreAfterTheChange()
    {
        InformerStore<Thing> store = null!;
        string? seen = null;
        store = new InformerStore<Thing>(
            new Dictionary<string, Func<Thing, IEnumerable<string>>>(),
            _ => seen = Task.Run(() => store.Get(Thing.Key("a"))?.Metadata.ResourceVersion).Result);
        store.Replace(All, new ResourceList<Thing>("10", [Thing.At(5)]));
        Assert.That(seen, Is.EqualTo("5"), "another thread may read while a handler runs");
    }

    [Test]
    public void WhatAListCannotReadKeepsItsLastStateAndIsToldOnceUntilItCanBeRead()
    {
        var bad = new UnreadableObject(Thing.Key("a"), "1");
        var found = new List<UnreadableObject>();
        _store.FoundUnreadable += found.Add;
        _store.Replace(All, new ResourceList<Thing>("20", []) { Unreadable = [bad] });
        _store.Replace(All, new ResourceList<Thing>("21", []) { Unreadable = [bad] });
        Assert.That((Version, found.Single(), _store.Unreadable.Single()), Is.EqualTo(("5", bad, bad)));

        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(22)));
        Assert.That((Version, _store.Unreadable.Count), Is.EqualTo(("22", 0)));
        _store.ApplyUnreadable(All, new WatchEvent<Thing>(WatchEventType.Unreadable, "23", Thing.Key("a"), null));
        Assert.That((Version, found.Count, _store.Unreadable.Single(), _store.Position(All)), Is.EqualTo(("22", 2, bad, "23")));
        _store.Replace(All, new ResourceList<Thing>("24", []));
        Assert.That((Version, _store.Unreadable.Count), Is.EqualTo(((string?)null, 0)), "it is gone");
    }

    [Test]
    public void WhatWeDeletedIsGoneAtOnceAndNoEventFromBeforeBringsItBack()
    {
        _store.RememberDeleted(Thing.At(5));
        Assert.That((Version, string.Join(' ', _told)), Is.EqualTo(((string?)null, "1@5>")));
        _store.Apply(All, Event(WatchEventType.Modified, Thing.At(11)));
        _store.Replace(All, new ResourceList<Thing>("12", [Thing.At(11)]));
        Assert.That(Version, Is.Null, "neither an event nor a list from before");
        _store.Apply(All, Event(WatchEventType.Deleted, Thing.At(13)));
        Assert.That(_told, Has.Count.EqualTo(1), "its own event is no news");
        _store.Apply(All, Event(WatchEventType.Added, Thing.At(14, uid: "2")));
        Assert.That(Version, Is.EqualTo("14"), "made anew");
    }

    [Test]
    public void WhatWeDeletedComesBackWhereItIsOnlyMarkedAsGoing()
    {
        _store.RememberDeleted(Thing.At(5));
        var going = Thing.At(11);
        _store.Apply(All, Event(WatchEventType.Modified, going with { Metadata = going.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } }));
        Assert.That(Version, Is.EqualTo("11"));
    }

    [Test]
    public void What_is_known_to_be_gone_comes_back_by_no_event_of_its_way_there()
    {
        _store.RememberGone(Thing.At(5));
        var going = Thing.At(11);
        _store.Apply(All, Event(WatchEventType.Modified, going with { Metadata = going.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } }));
        Assert.That(Version, Is.Null);
        _store.Apply(All, Event(WatchEventType.Deleted, Thing.At(13)));
        _store.Apply(All, Event(WatchEventType.Added, Thing.At(14, uid: "2")));
        Assert.That(Version, Is.EqualTo("14"), "made anew");
    }

    [Test]
    public void WhatSomebodyMadeUnderTheNameOfWhatWeDeletedStays()
    {
        _store.Apply(All, Event(WatchEventType.Added, Thing.At(12, uid: "2")));
        _store.RememberDeleted(Thing.At(5));
        Assert.That(Version, Is.EqualTo("12"));
    }

    private string? Version => _store.Get(Thing.Key("a"))?.Metadata.ResourceVersion;

    private static string Text(Thing? thing) => thing is null ? "" : $"{thing.Metadata.Uid}@{thing.Metadata.ResourceVersion}";

    private static WatchEvent<Thing> Event(WatchEventType type, Thing thing) => new(type, thing.Metadata.ResourceVersion, thing.Metadata.Key, thing);

    [Test]
    public void An_object_that_an_index_cannot_take_stays_as_it_was_and_keeps_no_other_out()
    {
        var refused = new List<string>();
        var store = new InformerStore<Thing>(
            new Dictionary<string, Func<Thing, IEnumerable<string>>> { ["size"] = thing => thing.Metadata.Labels["size"] is "odd" ? throw new InvalidOperationException() : [thing.Metadata.Labels["size"]] },
            _ => { }, (thing, _) => refused.Add(thing.Metadata.Name));
        store.Replace("", new ResourceList<Thing>("3", [Sized("a", "1", "small"), Sized("b", "2", "odd"), Sized("c", "3", "small")]));
        store.Apply("", new WatchEvent<Thing>(WatchEventType.Modified, "4", new ObjectKey("default", "a"), Sized("a", "4", "odd")));

        Assert.That(store.ByIndex("size", "small").Select(thing => (thing.Metadata.Name, thing.Metadata.ResourceVersion)), Is.EquivalentTo(new[] { ("a", "1"), ("c", "3") }));
        Assert.That(refused, Is.EqualTo(new[] { "b", "a" }));

        static Thing Sized(string name, string version, string size) =>
            new() { Metadata = new() { Name = name, Namespace = "default", Uid = name, ResourceVersion = version, Labels = new Dictionary<string, string> { ["size"] = size } } };
    }
}
