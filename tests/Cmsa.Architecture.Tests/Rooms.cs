using ArchUnitNET.Domain;

namespace Cmsa.Architecture.Tests;

/// <summary>A room of the house: the types of one namespace, and the rooms that they may use.</summary>
/// <param name="Name">Its name: its namespace without <c>Cmsa.</c>, or a type's own name.</param>
/// <param name="Purpose">What it holds, in a few words.</param>
/// <param name="Uses">The rooms that its types may use; every one of them stands above it.</param>
public sealed record Room(string Name, string Purpose, params string[] Uses);

/// <summary>The arrows of the house, declared once: the tests hold the assemblies to them, and docs/architecture.md draws them.</summary>
public static class Rooms
{
    /// <summary>All rooms, each after those that it uses.</summary>
    public static IReadOnlyList<Room> All { get; } = [];

    /// <summary>The room that a type is in; none for a type of another house, or one that the compiler makes.</summary>
    public static string? Of(IType type)
    {
        var space = type.Namespace?.FullName ?? "";
        if (space != "Cmsa" && !space.StartsWith("Cmsa.", StringComparison.Ordinal)) return null;
        if (type.FullName.StartsWith("Cmsa.Dsl.Readings", StringComparison.Ordinal)) return "Dsl.Readings";
        return space switch
        {
            "Cmsa" => "Base",
            "Cmsa.Dsl" => "Dsl.Language",
            _ => space["Cmsa.".Length..],
        };
    }
}
