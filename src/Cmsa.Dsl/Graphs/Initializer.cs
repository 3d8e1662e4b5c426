namespace Cmsa.Dsl.Graphs;

/// <summary>
/// A parameter's value before training. It depends on the seed and the parameter's own path alone, so two variants
/// start alike in what they share.
/// </summary>
public abstract record Initializer
{
    private Initializer() { }

    /// <summary>The same number everywhere.</summary>
    public sealed record Fill(double Number) : Initializer;

    /// <summary>Uniform in [-Bound, Bound].</summary>
    public sealed record Uniform(double Bound) : Initializer;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double Deviation) : Initializer;

    /// <summary>Uniform with bound sqrt(6 / (fan in + fan out)): Glorot and Bengio 2010.</summary>
    public sealed record Xavier : Initializer;

    /// <summary>Normal with deviation sqrt(2 / fan out): He et al. 2015, as torchvision starts its ResNets.</summary>
    public sealed record He : Initializer;

    /// <summary>
    /// Sines and cosines of the places (Vaswani et al. 2017): for <c>[places..., channel]</c> or <c>[channel,
    /// places...]</c>, an equal stretch of the channels for each axis of places, in which channel 2i of place p is
    /// <c>sin(p / 10000^(2i / d))</c> and channel 2i + 1 the cosine of it, d being the stretch's length.
    /// </summary>
    public sealed record Sinusoids : Initializer;
}
