using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// The types of metadata, which no schema names: an API server reads it into ObjectMeta, in which a null is as good as a field that is left out,
/// and refuses what does not fit.
/// </summary>
internal static class MetadataShape
{
    /// <summary>Brings the metadata of a custom resource into its shape; those of other kinds are read with the rest of them.</summary>
    /// <exception cref="ApiFailure">It is of another shape.</exception>
    public static void Check(Resource resource, JsonObject metadata)
    {
        if (!resource.IsCustom)
            return;
        var reading = new Reading(resource);
        foreach (var (name, value) in metadata.ToList())
        {
            if (value is null)
                metadata.Remove(name);
            else
                reading.Field(metadata, name, value);
        }
    }

    private sealed class Reading(Resource resource)
    {
        public void Field(JsonObject metadata, string name, JsonNode value)
        {
            switch (name)
            {
                case "name" or "generateName" or "namespace" or "selfLink" or "uid" or "resourceVersion":
                    Is(value, JsonValueKind.String, $"ObjectMeta.{name}", "string");
                    break;
                case "generation" or "deletionGracePeriodSeconds" when JsonNumber.Of(value)?.Whole is null:
                    throw Refusal(value, $"ObjectMeta.{name}", "int64");
                case "creationTimestamp" or "deletionTimestamp":
                    Time(value, $"ObjectMeta.{name}");
                    break;
                case "labels" or "annotations":
                    Is(value, JsonValueKind.Object, $"ObjectMeta.{name}", "map[string]string");
                    Texts(value.AsObject(), $"ObjectMeta.{name}");
                    break;
                case "finalizers":
                    Is(value, JsonValueKind.Array, "ObjectMeta.finalizers", "[]string");
                    metadata[name] = new JsonArray([.. value.AsArray().Select(item => Text(item, "ObjectMeta.finalizers"))]);
                    break;
                case "ownerReferences":
                    Is(value, JsonValueKind.Array, "ObjectMeta.ownerReferences", "[]v1.OwnerReference");
                    metadata[name] = new JsonArray([.. value.AsArray().Select(Owner)]);
                    break;
            }
        }

        private void Texts(JsonObject map, string field)
        {
            foreach (var (key, text) in map.ToList())
                map[key] = Text(text, field);
        }

        private JsonNode Text(JsonNode? text, string field)
        {
            if (text is null)
                return "";
            Is(text, JsonValueKind.String, field, "string");
            return text.DeepClone();
        }

        private JsonObject Owner(JsonNode? owner)
        {
            if (owner is null)
                return [];
            Is(owner, JsonValueKind.Object, "ObjectMeta.ownerReferences", "v1.OwnerReference");
            foreach (var (name, value) in owner.AsObject().Where(field => field.Value is not null))
            {
                if (name is "apiVersion" or "kind" or "name" or "uid")
                    Is(value!, JsonValueKind.String, $"OwnerReference.ownerReferences.{name}", "string");
                else if (name is "controller" or "blockOwnerDeletion" && value!.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                    throw Refusal(value, $"OwnerReference.ownerReferences.{name}", "bool");
            }

            return owner.DeepClone().AsObject();
        }

        private void Time(JsonNode value, string field)
        {
            Is(value, JsonValueKind.String, field, "string");
            var text = (string)value!;
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
                throw Refusal($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"");
        }

        private void Is(JsonNode value, JsonValueKind kind, string field, string type)
        {
            if (value.GetValueKind() != kind)
                throw Refusal(value, field, type);
        }

        private ApiFailure Refusal(JsonNode value, string field, string type)
        {
            var found = value.GetValueKind() switch { JsonValueKind.True or JsonValueKind.False => "bool", var kind => kind.ToString().ToLowerInvariant() };
            return Refusal($"json: cannot unmarshal {found} into Go struct field {field} of type {type}");
        }

        private ApiFailure Refusal(string why) => Failures.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {why}");
    }
}
