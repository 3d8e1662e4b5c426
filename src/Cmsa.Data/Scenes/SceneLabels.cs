using Cmsa.Data.Pictures;

namespace Cmsa.Data.Scenes;

/// <summary>A coloured shape of a scene.</summary>
/// <param name="Shape">Its shape: an index of <see cref="SceneLabels.Shapes"/>.</param>
/// <param name="Colour">Its colour: an index of <see cref="SceneLabels.Colours"/>.</param>
/// <param name="Pixels">How many pixels of the picture show it.</param>
public sealed record SceneThing(int Shape, int Colour, int Pixels);

/// <summary>The picture of a scene with what each of its pixels shows: truths for models that take no words.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Things">Its coloured shapes.</param>
/// <param name="Parts">
/// What each pixel shows, row by row: 0 the backdrop, i + 1 thing i. They are shared: do not write to them.
/// </param>
public sealed record SceneLabels(Picture Picture, Many<SceneThing> Things, byte[] Parts)
{
    /// <summary>The names of the shapes.</summary>
    public static Many<string> Shapes { get; } = [.. Enum.GetNames<World.Outline>().Select(n => n.ToLowerInvariant())];

    /// <summary>The names of the colours.</summary>
    public static Many<string> Colours { get; } = [.. Enum.GetNames<World.Paint>().Select(n => n.ToLowerInvariant())];

    /// <summary>A class for each pixel: 0 for the backdrop, and otherwise one more than the shape's index.</summary>
    public byte[] ShapeMap => Map(thing => thing.Shape);

    /// <summary>A class for each pixel: 0 for the backdrop, and otherwise one more than the colour's index.</summary>
    public byte[] ColourMap => Map(thing => thing.Colour);

    /// <summary>The thing that takes most pixels; the first of those that take as many.</summary>
    public SceneThing Largest => Things.MaxBy(thing => thing.Pixels)!;

    private byte[] Map(Func<SceneThing, int> classOf) =>
        Array.ConvertAll(Parts, part => (byte)(part == 0 ? 0 : classOf(Things[part - 1]) + 1));
}
