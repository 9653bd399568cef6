#!/bin/sh
# One JSON object a document, ready for the next program: sh examples/04_shell.sh
printf '%s' "Nausea and vomiting followed the second dose of cisplatin." |
  python -m taiyi entities --types Chemical,Disease -
printf '%s' "布洛芬饭前吃还是饭后吃" |
  python -m taiyi classify --types 病情诊断,病因分析,治疗方案,就医建议,指标解读,疾病表述,后果表述,注意事项,功效作用,医疗费用,其他 -
