namespace Cmsa.Dsl.Graphs;

/// <summary>What a program is to run on, as far as the choice of kernels depends on it.</summary>
public enum Processor
{
    /// <summary>A CPU.</summary>
    Cpu,

    /// <summary>A GPU, whose libraries choose the way of a convolution by themselves.</summary>
    Gpu,
}

/// <summary>How far a program is rewritten.</summary>
public enum OptimizationLevel
{
    /// <summary>Not at all: the program as written, which may need the memory of whole attention matrices.</summary>
    AsWritten,

    /// <summary>Attention without its matrix, by the target's own kernel, and nothing else.</summary>
    Fused,

    /// <summary>Every rule.</summary>
    All,
}
