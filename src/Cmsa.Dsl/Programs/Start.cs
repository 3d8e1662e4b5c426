namespace Cmsa.Dsl.Programs;

/// <summary>A parameter's value before training. It depends on the seed and the parameter's own path alone, so two variants start alike in what they share.</summary>
public abstract record Start
{
    private Start() { }

    /// <summary>The same number everywhere.</summary>
    public sealed record Fill(double Number) : Start;

    /// <summary>Uniform in [-Bound, Bound].</summary>
    public sealed record Uniform(double Bound) : Start;

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double Deviation) : Start;

    /// <summary>Uniform with bound sqrt(6 / (fan in + fan out)): Glorot and Bengio 2010.</summary>
    public sealed record Xavier : Start;

    /// <summary>Normal with deviation sqrt(2 / fan out): He et al. 2015, as torchvision starts its ResNets.</summary>
    public sealed record He : Start;
}
