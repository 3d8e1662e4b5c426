using System.Reflection;
using ArchUnitNET.Loader;

namespace Cmsa.Architecture.Tests;

/// <summary>
/// The arrows between rooms, computed from the compiled assemblies, go one way: as declared in <see cref="Rooms"/>.
/// </summary>
public sealed class ArchitectureTests
{
    private static readonly ArchUnitNET.Domain.Architecture house = new ArchLoader()
        .LoadAssemblies([.. Assemblies])
        .Build();

    private static IEnumerable<Assembly> Assemblies =>
        Directory
            .GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file =>
                Path.GetFileName(file) is var name
                && (name == "cmsa.dll" || name.StartsWith("Cmsa.", StringComparison.Ordinal))
                && !name.Contains("Tests", StringComparison.Ordinal)
            )
            .Select(Assembly.LoadFrom);

    private static ILookup<(string From, string To), string> Arrows { get; } =
        (
            from type in house.Types
            let room = Rooms.Of(type)
            where room is not null
            from dependency in type.Dependencies
            let other = Rooms.Of(dependency.Target)
            where other is not null && other != room
            select (Arrow: (room, other), By: $"{type.Name} uses {dependency.Target.Name}")
        ).ToLookup(found => found.Arrow, found => found.By);

    [Fact]
    public void Arrows_go_as_declared()
    {
        var declared = Rooms.All.SelectMany(room => room.Uses.Select(used => (room.Name, used))).ToHashSet();
        var undeclared = Arrows
            .Where(arrow => !declared.Contains(arrow.Key))
            .Select(arrow => $"{arrow.Key.From} -> {arrow.Key.To}: {string.Join(", ", arrow.Distinct().Take(5))}");
        Assert.Empty(undeclared.Order());
    }

    [Fact]
    public void No_room_uses_one_declared_after_it()
    {
        var names = Rooms.All.Select(room => room.Name).ToList();
        var backward = Rooms.All.SelectMany(room =>
            room.Uses.Where(used => names.IndexOf(used) >= names.IndexOf(room.Name))
                .Select(used => $"{room.Name} -> {used}")
        );
        Assert.Empty(backward);
    }

    [Fact]
    public void Every_type_is_in_a_declared_room() =>
        Assert.Empty(
            house.Types.Select(Rooms.Of).OfType<string>().Distinct().Except(Rooms.All.Select(room => room.Name))
        );

    [Fact]
    public void Every_assembly_is_looked_at()
    {
        var looked = house.Assemblies.Select(a => a.Name.Split(',')[0]).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "Cmsa.Base",
                "Cmsa.Pickle",
                "Cmsa.Dsl",
                "Cmsa.Models",
                "Cmsa.Data",
                "Cmsa.Experiments",
                "cmsa",
            },
            looked
        );
    }

    [Fact]
    public void The_command_carries_no_test_library() =>
        Assert.DoesNotContain(
            Assembly
                .LoadFrom(Path.Combine(AppContext.BaseDirectory, "cmsa.dll"))
                .GetReferencedAssemblies()
                .Concat(
                    Assembly
                        .LoadFrom(Path.Combine(AppContext.BaseDirectory, "Cmsa.Benchmarks.dll"))
                        .GetReferencedAssemblies()
                ),
            reference => reference.Name is "FsCheck" or "Cmsa.Dsl.Testing"
        );
}
