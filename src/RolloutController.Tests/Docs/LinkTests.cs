using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>Links within the repository lead somewhere, and every page of docs can be found from its index.</summary>
internal sealed class LinkTests
{
    private static IEnumerable<Markdown> Pages() => Markdown.All;

    [TestCaseSource(nameof(Pages))]
    public void Links_lead_somewhere(Markdown page)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var link in page.Links().Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal)))
                Assert.That(Broken(page, link), Is.Null, $"{page}: {link}");
        }
    }

    [Test]
    public void The_index_names_every_page()
    {
        var index = Markdown.Read("docs/README.md").Links().Select(link => $"docs/{link.Split('#')[0]}").ToList();
        Assert.That(Markdown.All.Select(page => page.Path).Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path.Count(letter => letter == '/') == 1 && path != "docs/README.md"),
            Is.SubsetOf(index), "docs/README.md lists every page");
    }

    private static string? Broken(Markdown page, string link)
    {
        var (file, anchor) = link.Split('#') switch { [var whole] => (whole, null), [var part, var place, ..] => (part, place), _ => (link, null) };
        var path = file.Length == 0 ? page.Path : Path.GetRelativePath(RepositoryFiles.PathOf(""), RepositoryFiles.PathOf(Path.Combine(Path.GetDirectoryName(page.Path)!, file)));
        if (!Path.Exists(RepositoryFiles.PathOf(path)))
            return $"there is no {path}";
        return anchor is null || Markdown.Read(path).Anchors().Contains(anchor) ? null : $"{path} has no heading #{anchor}";
    }
}
