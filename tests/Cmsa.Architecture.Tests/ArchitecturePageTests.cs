namespace Cmsa.Architecture.Tests;

/// <summary>
/// The picture in docs/architecture.md is made from <see cref="Rooms"/>. <c>CMSA_UPDATE_DOCS=1</c> writes it.
/// </summary>
public sealed class ArchitecturePageTests
{
    private const string Begin = "<!-- rooms: written by Cmsa.Architecture.Tests -->";
    private const string End = "<!-- end of rooms -->";

    [Fact]
    public void The_picture_shows_the_declared_rooms()
    {
        var path = Path.Combine(Repository.Root, "docs", "architecture.md");
        var page = File.ReadAllText(path);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, $"{path} lacks the lines {Begin} and {End}");
        var expected = $"{page[..begin]}{Begin}\n{Picture}\n{page[end..]}";
        if (Environment.GetEnvironmentVariable("CMSA_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    /// <summary>Projects as boxes with their rooms, and the arrows that no longer path says already.</summary>
    private static string Picture
    {
        get
        {
            string[] boxes =
            [
                .. Rooms
                    .All.GroupBy(room => room.Name.Split('.')[0])
                    .SelectMany(project =>
                        project.Count() == 1
                            ? project.Select(Box)
                            :
                            [
                                $"  subgraph {project.Key}_project[\"{project.Key}\"]",
                                .. project.Select(room => $"  {Box(room)}"),
                                "  end",
                            ]
                    ),
            ];
            var arrows = Rooms.All.SelectMany(room =>
                room.Uses.Distinct()
                    .Where(used => !IsImplied(room, used))
                    .Select(used => $"  {Id(room.Name)} --> {Id(used)}")
            );
            return string.Join('\n', ["```mermaid", "flowchart BT", .. boxes, .. arrows, "```"]);
        }
    }

    private static string Box(Room room) => $"  {Id(room.Name)}[\"<b>{room.Name}</b><br/>{room.Purpose}\"]";

    private static string Id(string name) => name.Replace('.', '_');

    private static bool IsImplied(Room room, string used) =>
        room.Uses.Any(other => other != used && Reaches(other, used));

    private static bool Reaches(string from, string to) =>
        Rooms.All.Single(room => room.Name == from).Uses.Any(used => used == to || Reaches(used, to));
}
