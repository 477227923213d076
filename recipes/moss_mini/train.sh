#!/usr/bin/env bash
# Makes moss-mini from nothing: corpus, vocabulary, training. Run it from the repository; the steps are each one command.
#
#   bash recipes/moss_mini/train.sh output/moss-mini            # STEPS=… CONVERSATIONS=… to change the amounts
set -euo pipefail
output=$1
data=${DATA:-data/moss_mini}
recipe=recipes/moss_mini

python3 $recipe/make_corpus.py --output_dir "$data" --conversations "${CONVERSATIONS:-300000}" --seed "${SEED:-0}"
python3 $recipe/make_tokenizer.py --corpus "$data/train.jsonl" --output_dir "$data/tokenizer"
python3 finetune_moss.py --config_name $recipe/config.json --tokenizer_name "$data/tokenizer" --data_dir "$data" \
    --output_dir "$output" --save_dtype float16 --max_seq_len 1024 --train_bsz_per_gpu 128 --eval_bsz_per_gpu 128 \
    --max_steps "${STEPS:-5000}" --learning_rate 1.5e-3 --warmup_rates 0.04 --weight_decay 0.1 --save_step 0 --eval_step 1000 ${TRAIN_FLAGS:-}
cp $recipe/generation_config.json "$output/"
