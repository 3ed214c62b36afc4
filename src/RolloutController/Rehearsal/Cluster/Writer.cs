using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster.Patching;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// What becomes of an object between a request and the store: names, defaults, judgement, generations, finalizers. The cluster locks around it.
/// </summary>
internal sealed class Writer(Store store, ResourceTable resources, TimeProvider clock, Random random)
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly Addresses _addresses = new();

    /// <summary>Creates an object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="item">The object; it becomes the writer's.</param>
    /// <param name="options">How the request was asked.</param>
    public StoredObject Create(Resource resource, JsonObject item, WriteOptions options)
    {
        var metadata = MetadataOf(item);
        MetadataShape.Check(resource, metadata);
        // Storage refuses it, and a dry run does not come that far.
        if (!options.DryRun && metadata["resourceVersion"] is JsonValue version && version.ToString().Length > 0)
            throw Failures.Internal("resourceVersion should not be set on objects to be created");
        Name(resource, metadata);
        var name = (string)metadata["name"]!;
        if (resource.Namespaced)
            RequireNamespace(resource, (string?)metadata["namespace"] ?? "", name);
        if (store.Find(resource.StorageKey, NameOf(metadata)) is not null)
            throw Failures.AlreadyExists(resource, name);

        metadata["uid"] = NewUid();
        metadata["creationTimestamp"] = Now();
        metadata.Remove("deletionTimestamp");
        metadata.Remove("generation");
        metadata.Remove("selfLink");
        if (HasGeneration(resource))
            metadata["generation"] = 1;
        if (resource.HasStatus)
            item.Remove("status");
        Judge(resource, item, null, options);
        if (!options.Applies)
            FieldOwners.Note(null, item, resource, options.FieldManager, null, Now());
        var stored = resource.ToStored?.Invoke(item) ?? item;
        Fill(resource, stored);
        return Commit(resource, stored, options);
    }

    /// <summary>Writes a changed version of an object, as far as a subresource may change it.</summary>
    /// <param name="resource">Its kind, in the version of the request.</param>
    /// <param name="old">The version before.</param>
    /// <param name="item">What it is to become, in the version of the request; it becomes the writer's.</param>
    /// <param name="subresource"><c>status</c>, or null for everything else.</param>
    /// <param name="options">How the request was asked.</param>
    public StoredObject Update(Resource resource, StoredObject old, JsonObject item, string? subresource, WriteOptions options)
    {
        var before = resource.View(old);
        MetadataShape.Check(resource, MetadataOf(item));
        CheckPreconditions(resource, old, MetadataOf(item), options);
        var next = subresource == "status" ? WithStatusOf(resource, before, item) : Restored(resource, before, item);
        // Most writes of controllers change nothing, and what is stored has been judged.
        if (JsonNode.DeepEquals(next, before))
            return old;
        Judge(resource, next, before, options);
        if (!options.Applies)
            FieldOwners.Note(before, next, resource, options.FieldManager, subresource, Now());
        if (JsonNode.DeepEquals(next, before))
            return old;
        if (subresource is null && HasGeneration(resource) && !JsonNode.DeepEquals(Wanted(resource, next), Wanted(resource, before)))
            next["metadata"]!["generation"] = (long?)next["metadata"]!["generation"] + 1;

        var metadata = next["metadata"]!.AsObject();
        if (metadata["finalizers"] is null or JsonArray { Count: 0 })
            metadata.Remove("finalizers");
        // A pod that was given time is taken away by its kubelet, and a namespace by its controller.
        if (metadata["deletionTimestamp"] is not null && IsEmpty(metadata["finalizers"]) && ((long?)metadata["deletionGracePeriodSeconds"] ?? 0) == 0 && resource.Plural != "namespaces")
            return Remove(resource, old, options);
        return Commit(resource, resource.ToStored?.Invoke(next) ?? next, options);
    }

    /// <summary>Deletes an object, or marks it where somebody has to let go of it first.</summary>
    /// <returns>The version that is left; null when it is gone.</returns>
    public StoredObject? Delete(Resource resource, StoredObject old, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != old.Uid)
            throw Failures.AnotherUid(resource, old.Name, uid, old.Uid);
        if (options.ResourceVersion is { } version && version != old.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
            throw Failures.Conflict(resource, old.Name, $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {old.Version}");
        var finalizers = Finalizers(old, options.Propagation);
        var grace = old.Plural == "pods" ? GraceOf(old, options.GracePeriodSeconds) : 0;
        if (finalizers.Count == 0 && grace == 0 && resource.Plural != "namespaces")
        {
            Remove(resource, old, new WriteOptions { DryRun = options.DryRun });
            return null;
        }

        var next = old.Json.DeepClone().AsObject();
        var metadata = MetadataOf(next);
        if (metadata["deletionTimestamp"] is null && HasGeneration(resource))
            metadata["generation"] = (long?)metadata["generation"] + 1;
        if (metadata["deletionTimestamp"] is null || (long?)metadata["deletionGracePeriodSeconds"] > grace)
        {
            metadata["deletionTimestamp"] = Time(clock.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
        }
        if (finalizers.Count > 0)
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
        if (resource.Plural == "namespaces")
            next["status"] = new JsonObject { ["phase"] = "Terminating" };
        return JsonNode.DeepEquals(next, old.Json) ? old : Commit(resource, next, new WriteOptions { DryRun = options.DryRun });
    }

    /// <summary>Takes an object away for good.</summary>
    public StoredObject Remove(Resource resource, StoredObject old, WriteOptions options)
    {
        if (options.DryRun)
            return old;
        _addresses.Release(old.Json);
        store.Remove(resource.StorageKey, old);
        return old;
    }

    /// <summary>The time as the API writes it, to the second.</summary>
    public string Now() => Time(clock.GetUtcNow());

    private static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private StoredObject Commit(Resource resource, JsonObject item, WriteOptions options)
    {
        if (!options.DryRun)
            return store.Put(resource.StorageKey, resource.Plural, item);
        item["metadata"]!["resourceVersion"] ??= "0";
        return new StoredObject(resource.StorageKey, resource.Plural, item);
    }

    private static void Judge(Resource resource, JsonObject item, JsonObject? old, WriteOptions options)
    {
        var unknown = resource.Rules.Prune(item, old);
        if (unknown.Count > 0 && options.FieldValidation == "Strict")
        {
            var why = $"strict decoding error: {string.Join(", ", unknown.Select(field => $"unknown field \"{field}\""))}";
            throw old is null || options.Replaces
                ? Failures.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {why}")
                : Failures.InvalidPatch(item.ToJsonString(), why);
        }
        if (old is null)
            resource.Rules.Generate(item);
        resource.Rules.Default(item);
        var problems = resource.Rules.Validate(item, old);
        if (problems.Count > 0)
            throw Failures.Invalid(resource, (string)item["metadata"]!["name"]!, problems);
        if (resource.IsCustom)
            WholeNumbers.Write(item);
    }

    private void Name(Resource resource, JsonObject metadata)
    {
        if ((string?)metadata["name"] is { Length: > 0 } name)
        {
            if (!ObjectNames.IsValid(name))
                throw Failures.Invalid(resource, name, [new FieldProblem("FieldValueInvalid", "metadata.name", $"Invalid value: \"{name}\": {ObjectNames.Subdomain}")]);
            return;
        }
        if ((string?)metadata["generateName"] is not { Length: > 0 } prefix)
            throw Failures.Invalid(resource, "", [new FieldProblem("FieldValueRequired", "metadata.name", "Required value: name or generateName is required")]);
        var suffix = new StringBuilder(prefix.Length > 58 ? prefix[..58] : prefix);
        for (var i = 0; i < 5; i++)
            suffix.Append(Alphabet[random.Next(Alphabet.Length)]);
        metadata["name"] = suffix.ToString();
    }

    private void RequireNamespace(Resource resource, string @namespace, string name)
    {
        var found = store.Find("namespaces.", new ResourceName("", @namespace));
        if (found is null)
            throw Failures.NotFound(resources.Stored("namespaces"), @namespace);
        if (found.Json["metadata"]!["deletionTimestamp"] is not null)
        {
            throw Failures.Forbidden(
                resource, name, $"{resource.QualifiedName} \"{name}\" is forbidden: unable to create new content in namespace {@namespace} because it is being terminated",
                new FieldProblem("NamespaceTerminating", "metadata.namespace", $"namespace {@namespace} is being terminated"));
        }
    }

    private void Fill(Resource resource, JsonObject item)
    {
        switch (resource.Plural)
        {
            case "namespaces":
                item["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
                item["status"] = new JsonObject { ["phase"] = "Active" };
                break;
            case "pods":
                item["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
                break;
            case "services":
                _addresses.Assign(item);
                item["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
                break;
            case "customresourcedefinitions":
                item["status"] = new JsonObject { ["conditions"] = new JsonArray(Condition("NamesAccepted"), Condition("Established")) };
                break;
            case "replicasets" or "deployments" or "jobs":
                item["status"] = resource.Plural == "replicasets" ? new JsonObject { ["replicas"] = 0 } : new JsonObject();
                break;
        }

        JsonObject Condition(string type) => new() { ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = Now(), ["reason"] = type, ["message"] = "" };
    }

    private static void CheckPreconditions(Resource resource, StoredObject old, JsonObject metadata, WriteOptions options)
    {
        if ((string?)metadata["uid"] is { Length: > 0 } uid && uid != old.Uid)
        {
            throw options.Replaces
                ? Failures.AnotherUid(resource, old.Name, uid, old.Uid)
                : Failures.Invalid(resource, old.Name, [new FieldProblem("FieldValueInvalid", "metadata.uid", $"Invalid value: \"{uid}\": field is immutable")]);
        }
        if (options.Replaces && resource.RequiresVersion && ((string?)metadata["resourceVersion"] ?? "").Length == 0)
            throw Failures.Invalid(resource, old.Name, [new FieldProblem("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update")]);
        if (metadata["resourceVersion"] is JsonValue version && version.ToString() is { Length: > 0 } asked && asked != (string?)old.Json["metadata"]!["resourceVersion"])
            throw Failures.Modified(resource, old.Name);
        if ((string?)metadata["name"] is { } name && name != old.Name)
            throw Failures.BadRequest($"the name of the object ({name}) does not match the name on the URL ({old.Name})");
    }

    /// <summary>What a write to the status subresource makes of an object: its status, and who applied what of it.</summary>
    private static JsonObject WithStatusOf(Resource resource, JsonObject before, JsonObject item)
    {
        if (!resource.IsCustom)
            return WithStatusAndMetadataOf(resource, before, item);
        var next = before.DeepClone().AsObject();
        next.Remove("status");
        if (item.Remove("status", out var status))
            next["status"] = status;
        if (item["metadata"]?["managedFields"] is { } managed)
            next["metadata"]!["managedFields"] = managed.DeepClone();
        return next;
    }

    /// <summary>The status of a kind of Kubernetes itself comes with metadata: so a Deployment's controller notes the revision.</summary>
    private static JsonObject WithStatusAndMetadataOf(Resource resource, JsonObject before, JsonObject item)
    {
        var status = item["status"]?.DeepClone();
        var metadata = Restored(resource, before, item)["metadata"]!.DeepClone().AsObject();
        if (resource.Kind == "Deployment")
        {
            metadata.Remove("labels");
            if (before["metadata"]!["labels"] is { } labels)
                metadata["labels"] = labels.DeepClone();
        }
        var next = before.DeepClone().AsObject();
        next["metadata"] = metadata;
        next.Remove("status");
        if (status is not null)
            next["status"] = status;
        return next;
    }

    /// <summary>What a write makes of an object: everything but what only the API writes.</summary>
    private static JsonObject Restored(Resource resource, JsonObject before, JsonObject item)
    {
        var metadata = MetadataOf(item);
        var kept = before["metadata"]!.AsObject();
        foreach (var name in (string[])["name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generateName"])
        {
            if (kept[name] is { } value)
                metadata[name] = value.DeepClone();
            else
                metadata.Remove(name);
        }
        if (kept["deletionTimestamp"] is not null && Added(kept["finalizers"], metadata["finalizers"]) is { Count: > 0 } added)
        {
            throw Failures.Invalid(resource, (string)kept["name"]!, [new FieldProblem(
                "FieldValueForbidden", "metadata.finalizers",
                $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(name => $"\"{name}\""))}}}")]);
        }
        if (resource.HasStatus)
        {
            item.Remove("status");
            if (before["status"] is { } status)
                item["status"] = status.DeepClone();
        }
        return item;
    }

    private static List<string> Added(JsonNode? before, JsonNode? now) =>
        [.. Texts(now).Except(Texts(before))];

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(item => (string)item!);

    private static bool IsEmpty(JsonNode? list) => list is not JsonArray { Count: > 0 };

    private static bool HasGeneration(Resource resource) => resource.HasGeneration || resource.IsCustom;

    /// <summary>The part of an object that its generation counts: for a Deployment, its annotations too.</summary>
    private static JsonObject Wanted(Resource resource, JsonObject item)
    {
        var wanted = new JsonObject(item.Where(member => member.Key is not ("metadata" or "status")).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        if (resource is { Kind: "Deployment", Group: "apps" })
            wanted["annotations"] = item["metadata"]!["annotations"]?.DeepClone();
        return wanted;
    }

    private static List<string> Finalizers(StoredObject item, string? propagation)
    {
        var finalizers = Texts(item.Json["metadata"]!["finalizers"]).ToList();
        var added = propagation switch { "Orphan" => "orphan", "Foreground" => "foregroundDeletion", _ => null };
        if (added is not null && !finalizers.Contains(added))
            finalizers.Add(added);
        return finalizers;
    }

    private static long GraceOf(StoredObject pod, int? asked)
    {
        var isBound = (string?)pod.Json["spec"]?["nodeName"] is { Length: > 0 };
        var hasEnded = (string?)pod.Json["status"]?["phase"] is "Succeeded" or "Failed";
        return isBound && !hasEnded ? asked ?? (long?)pod.Json["spec"]?["terminationGracePeriodSeconds"] ?? 30 : 0;
    }

    private static JsonObject MetadataOf(JsonObject item)
    {
        if (item["metadata"] is not JsonObject metadata)
            item["metadata"] = metadata = [];
        return metadata;
    }

    private static ResourceName NameOf(JsonObject metadata) => new((string?)metadata["namespace"] ?? "", (string)metadata["name"]!);

    private string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}

/// <summary>How a write was asked for.</summary>
internal sealed record WriteOptions
{
    /// <summary>Judge only, and store nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>What is done about unknown fields: <c>Strict</c> refuses them, all else drops them.</summary>
    public string FieldValidation { get; init; } = "Warn";

    /// <summary>Who writes, for server-side apply; empty for what the cluster itself does, which owns nothing.</summary>
    public string FieldManager { get; init; } = "";

    /// <summary>Whether the whole object is replaced (PUT), and not patched.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether it is applied: who owns which field is noted already.</summary>
    public bool Applies { get; init; }

    /// <summary>Whether apply takes fields from others.</summary>
    public bool Force { get; init; }
}

/// <summary>How a deletion was asked for.</summary>
internal sealed record DeleteOptions
{
    /// <summary>Only the object with this uid.</summary>
    public string? Uid { get; init; }

    /// <summary>Only this version.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>How long a pod gets; null for what it asks itself.</summary>
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Judge only, and delete nothing.</summary>
    public bool DryRun { get; init; }
}
