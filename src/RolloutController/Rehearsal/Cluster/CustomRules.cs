using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>How objects of custom kinds are defaulted and judged: by the schema of their definition.</summary>
internal static class CustomRules
{
    /// <summary>The rules of a version of a definition.</summary>
    /// <exception cref="ApiFailure">The schema asks for what this cluster does not do.</exception>
    public static IResourceRules Of(Resource resource, JsonObject version)
    {
        try
        {
            return version["schema"]?["openAPIV3Schema"] is JsonObject schema
                ? Definitions.Find(schema, resource.Scale) ?? new StructuralSchema(schema, $"spec.versions[{resource.Version}].schema.openAPIV3Schema", resource.Scale)
                : FreeForm.Instance;
        }
        catch (SchemaException problem)
        {
            throw Failures.BadRequest($"the definition of {resource.QualifiedName}: {problem.Message}");
        }
    }
}
