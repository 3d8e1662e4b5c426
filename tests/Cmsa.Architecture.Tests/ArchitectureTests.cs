using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace Cmsa.Architecture.Tests;

public sealed class ArchitectureTests
{
    private static readonly ArchUnitNET.Domain.Architecture house = new ArchLoader().LoadAssemblies(
        [.. Directory.GetFiles(AppContext.BaseDirectory, "Cmsa.*.dll").Append(Path.Combine(AppContext.BaseDirectory, "cmsa.dll"))
            .Where(f => !Path.GetFileName(f).Contains("Tests", StringComparison.Ordinal)).Select(System.Reflection.Assembly.LoadFrom)]).Build();

    [Fact]
    public void Probe()
    {
        var arrows = house.Types.Where(t => Rooms.Of(t) is not null).SelectMany(t => t.Dependencies.Select(d => (From: Rooms.Of(t)!, To: Rooms.Of(d.Target), By: $"{t.Name} -> {d.Target.Name}")))
            .Where(a => a.To is not null && a.To != a.From).GroupBy(a => (a.From, a.To)).OrderBy(g => g.Key.From).ThenBy(g => g.Key.To);
        File.WriteAllText("/tmp/n.txt", $"{house.Types.Count()} {house.Assemblies.Count()} {string.Join(", ", house.Types.Take(5).Select(t => t.FullName + " in " + t.Namespace.FullName + " deps " + t.Dependencies.Count))}");
        File.WriteAllLines("/tmp/arrows.txt", arrows.Select(g => $"{g.Key.From} -> {g.Key.To}  {g.Count()}  {string.Join(" | ", g.Select(x => x.By).Distinct().Take(4))}"));
    }
}
