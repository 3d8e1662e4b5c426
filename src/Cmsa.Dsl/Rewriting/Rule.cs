using Cmsa.Dsl.Programs;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>A rule of rewriting: where it matches, a value is replaced by another that is equal for every input and every parameter, gradients included.</summary>
/// <param name="Name">What it is called, in a few words.</param>
/// <param name="Law">The equation that makes it true, as a person would check it.</param>
/// <param name="Apply">The replacement, of the same shape; none where the rule does not match.</param>
public sealed record Rule(string Name, string Law, Func<Value, Option<Value>> Apply)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>What a program is to run on, as far as the choice of kernels depends on it.</summary>
public enum Processor
{
    /// <summary>A CPU.</summary>
    Cpu,
    /// <summary>A GPU, whose libraries choose the way of a convolution by themselves.</summary>
    Gpu,
}

/// <summary>How far a program is rewritten.</summary>
public enum Effort
{
    /// <summary>Not at all: the program as written, which may need the memory of whole attention matrices.</summary>
    AsWritten,
    /// <summary>Attention without its matrix, by the target's own kernel, and nothing else.</summary>
    Fused,
    /// <summary>Every rule.</summary>
    All,
}
