namespace Cmsa.Dsl;

/// <summary>A layer's <see cref="Layer.Elaborate"/> threw. What it threw is the inner exception.</summary>
public sealed class ElaborationException : Exception
{
    /// <summary>A layer threw.</summary>
    public ElaborationException() { }

    /// <summary>A layer threw.</summary>
    /// <param name="message">Which, and what.</param>
    public ElaborationException(string message)
        : base(message) { }

    /// <summary>A layer threw.</summary>
    /// <param name="message">Which, and what.</param>
    /// <param name="inner">What it threw.</param>
    public ElaborationException(string message, Exception inner)
        : base(message, inner) { }

    internal ElaborationException(Layer layer, string path, Exception inner)
        : base(
            $"{(path.Length == 0 ? "model" : path)}: {layer.GetType().Name.Split('`')[0]}.Elaborate threw "
                + $"{inner.GetType().Name}: {inner.Message}",
            inner
        ) => Path = path;

    /// <summary>Where the layer stands; empty for the model itself.</summary>
    public string Path { get; } = "";
}
