using LanguageExt;

namespace Cmsa.Data;

/// <summary>How a scene is lit: what keeps its picture from being flat.</summary>
/// <param name="Level">The brightness of everything, in percent.</param>
/// <param name="Across">How much brighter the right edge is than the middle, in levels of 255.</param>
/// <param name="Down">How much brighter the bottom edge is than the middle, in levels of 255.</param>
/// <param name="Grain">Where the noise of its pixels starts.</param>
public sealed record Light(int Level, int Across, int Down, ulong Grain);

/// <summary>
/// What a picture shows: things before a backdrop. No two things overlap, and all lie within the picture.
/// </summary>
/// <param name="Backdrop">Its bands, from the top down.</param>
/// <param name="Things">Its objects, at most <see cref="Regions.Most"/>.</param>
/// <param name="Light">How it is lit.</param>
public sealed record Scene(Arr<Band> Backdrop, Arr<Thing> Things, Light Light);
