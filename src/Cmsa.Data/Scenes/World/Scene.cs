namespace Cmsa.Data.Scenes.World;

/// <summary>The lighting and the noise of a scene's picture.</summary>
/// <param name="Level">The brightness of everything, in percent.</param>
/// <param name="Across">How much brighter the right edge is than the middle, in levels of 255.</param>
/// <param name="Down">How much brighter the bottom edge is than the middle, in levels of 255.</param>
/// <param name="Grain">The seed of the noise.</param>
internal sealed record Light(int Level, int Across, int Down, ulong Grain);

/// <summary>
/// What a picture shows: things in front of a backdrop. No two things overlap, and all are inside the picture.
/// </summary>
/// <param name="Backdrop">Its bands, from the top down.</param>
/// <param name="Things">Its objects, at most <see cref="SceneParts.Most"/>.</param>
/// <param name="Light">Its lighting.</param>
internal sealed record Scene(Many<Band> Backdrop, Many<Thing> Things, Light Light);
