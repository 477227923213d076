"""MOSS: configuration, tokenizer, chat format and model.

Importing this package also tells transformers that "moss" is ours, so that AutoConfig, AutoTokenizer, AutoModel and
AutoModelForCausalLM find these classes for a checkpoint whose config.json says `"model_type": "moss"`, without
trust_remote_code.
"""

from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from .configuration_moss import MossConfig
from .modeling_moss import MossForCausalLM, MossModel
from .tokenization_moss import MossTokenizer

# exist_ok: the package may be imported a second time under another name, as notebooks and test runners do.
AutoConfig.register(MossConfig.model_type, MossConfig, exist_ok=True)
AutoTokenizer.register(MossConfig, tokenizer_class=MossTokenizer, exist_ok=True)
AutoModel.register(MossConfig, MossModel, exist_ok=True)
AutoModelForCausalLM.register(MossConfig, MossForCausalLM, exist_ok=True)

__all__ = ["MossConfig", "MossForCausalLM", "MossModel", "MossTokenizer"]
